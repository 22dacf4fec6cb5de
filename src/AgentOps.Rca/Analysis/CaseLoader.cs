using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Loads cases out of the stores: live ones as they stand, and recorded ones as their manifest says. Spans are read once and as a stream.
/// </summary>
internal sealed class CaseLoader
{
    private readonly ISpanStore _spans;
    private readonly ArtifactVault _artifacts;

    /// <summary>Makes a loader over these stores.</summary>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    public CaseLoader(ISpanStore spans, ArtifactVault artifacts)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        _spans = spans;
        _artifacts = artifacts;
    }

    /// <summary>Reads the evidence of an incident as it stands now, and begins to store its index.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading and the storing.</param>
    public async ValueTask<LiveEvidence> LoadEvidenceAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        var forest = new SpanForest.Builder();
        var index = new SpanIndex(forest.Ids);
        await new CaseReader(_spans, new CaseTaker(forest) { Hashed = (_, digest) => index.Add(digest) }).ReadAsync(incidentId, cancellationToken).ConfigureAwait(false);
        // The trees, the index and the artifacts that are there have nothing to do with each other but for the last lines of the index.
        var missing = new NamedDigests(forest.Digests);
        index.SetMissing(missing);
        var looking = Task.Run(() => _artifacts.RemoveStoredAsync(missing, cancellationToken).AsTask(), CancellationToken.None);
        var storing = Task.Run(() => index.StoreAsync(_artifacts, looking, cancellationToken).AsTask(), CancellationToken.None);
        try
        {
            var spans = forest.Build();
            await looking.ConfigureAwait(false);
            return new LiveEvidence(spans, index, storing);
        }
        catch
        {
            await Task.WhenAll(looking, storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Reads the evidence that a recorded analysis looked at, and names what is not as it was.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="recorded">Which spans were looked at.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<RecordedEvidence> LoadRecordedEvidenceAsync(
        Guid incidentId, SpanIndex recorded, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var evidence = new RecordedEvidenceTaker(recorded);
        await new CaseReader(_spans, evidence.Taker).ReadAsync(incidentId, cancellationToken).ConfigureAwait(false);
        return evidence.Build();
    }

    /// <summary>Puts a case together; the recorded index decides what was missing, so a replay sees what the analysis saw.</summary>
    /// <param name="about">What is looked at besides the evidence.</param>
    /// <param name="spans">The evidence.</param>
    /// <param name="missing">The artifacts that were missing.</param>
    /// <param name="decorate">Put around the chat clients of the engine.</param>
    public RcaCase Open(
        CaseFrame about, SpanForest spans, IReadOnlySet<ArtifactDigest> missing, Func<IChatClient, IChatClient>? decorate = null)
    {
        ArgumentNullException.ThrowIfNull(about);
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(missing);
        var whole = new CaseSpans(spans, _spans);
        return new RcaCase
        {
            Incident = about.Incident,
            Spans = spans,
            Baseline = about.Baseline,
            History = about.History,
            AnalyzedAt = about.AnalyzedAt,
            MissingArtifacts = missing,
            ReadSpan = whole.ReadAsync,
            FetchSpans = whole.FetchAsync,
            ReadArtifact = async (digest, most, cancellationToken) =>
                missing.Contains(digest) ? null : await ReadAsync(digest, most, cancellationToken).ConfigureAwait(false),
            FindArtifact = async (digest, cancellationToken) =>
                missing.Contains(digest) ? null : await _artifacts.GetAsync(digest, cancellationToken).ConfigureAwait(false),
            DecorateChatClient = decorate ?? (static client => client),
        };
    }

    /// <summary>Puts the spans of a run together that has no incident yet, with the artifacts as they stand and nothing to compare with.</summary>
    /// <param name="incident">The incident that it would have.</param>
    /// <param name="spans">The spans.</param>
    internal RcaCase OpenRun(Incident incident, IReadOnlyList<Span> spans)
    {
        var byId = spans.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
        return new RcaCase
        {
            Incident = incident,
            Spans = SpanForest.Build(spans),
            Baseline = Baseline.Empty,
            AnalyzedAt = incident.CreatedTs,
            ReadSpan = (id, _) => ValueTask.FromResult(byId.GetValueOrDefault(id)),
            ReadArtifact = ReadAsync,
            FindArtifact = _artifacts.GetAsync,
        };
    }

    /// <summary>Reads what to compare a case with.</summary>
    /// <param name="spans">The evidence; only its tools are of interest.</param>
    /// <param name="reference">What the caller wants to compare with, or null for recent spans that belong to no incident.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public ValueTask<Baseline> LoadBaselineAsync(
        SpanForest spans, RcaReference? reference, CancellationToken cancellationToken = default) =>
        BaselineReader.ReadAsync(_spans, _artifacts, spans, BaselineQueries.For(spans, reference), cancellationToken);

    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(ArtifactDigest digest, int most, CancellationToken cancellationToken)
    {
        var read = await _artifacts.ReadAllVerifiedAsync(digest, most, cancellationToken).ConfigureAwait(false);
        return read.IsIntact ? read.Content : null;
    }
}

/// <summary>The evidence of an incident.</summary>
/// <param name="Spans">The spans as trees.</param>
/// <param name="Index">Which spans they are, what they say, and which artifacts they name that are not stored.</param>
internal record CaseEvidence(SpanForest Spans, SpanIndex Index);

/// <summary>The evidence of an incident as it stands.</summary>
/// <param name="Spans">The spans as trees.</param>
/// <param name="Index">Which spans they are, what they say, and which artifacts they name that are not stored.</param>
/// <param name="Stored">Stores the index, and gives its digest.</param>
internal sealed record LiveEvidence(SpanForest Spans, SpanIndex Index, Task<ArtifactDigest> Stored) : CaseEvidence(Spans, Index);
