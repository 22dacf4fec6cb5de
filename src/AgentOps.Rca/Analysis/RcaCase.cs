using System.Collections;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// What an engine may look at. It is the same on replay: spans and artifacts are read by id, and what was missing when the analysis was
/// made stays missing.
/// </summary>
public sealed class RcaCase
{
    /// <summary>The incident as it stood.</summary>
    public required Incident Incident { get; init; }

    /// <summary>The evidence spans as trees.</summary>
    public required SpanForest Spans { get; init; }

    /// <summary>What the same tools do when nothing is wrong; empty when there is nothing to compare with.</summary>
    public Baseline Baseline { get; init; } = Baseline.Empty;

    /// <summary>What was found in earlier analyses, by signature.</summary>
    public IReadOnlyList<RcaPattern> History { get; init; } = [];

    /// <summary>When the analysis is made; the only clock an engine has.</summary>
    public required DateTimeOffset AnalyzedAt { get; init; }

    /// <summary>Reads a span whole, or null when it is not part of the case.</summary>
    public required Func<string, CancellationToken, ValueTask<Span?>> ReadSpan { get; init; }

    /// <summary>Says which spans will be read next, a few hundred at most, so that they come in one call to the store.</summary>
    public Func<IReadOnlyCollection<string>, CancellationToken, ValueTask> FetchSpans { get; init; } = static (_, _) => ValueTask.CompletedTask;

    /// <summary>
    /// Reads an artifact's verified bytes: null when there are none, when they do not match their digest, or when there are more than
    /// the given number.
    /// </summary>
    public required Func<ArtifactDigest, int, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> ReadArtifact { get; init; }

    /// <summary>The row of an artifact, or null when it was missing.</summary>
    public required Func<ArtifactDigest, CancellationToken, ValueTask<Artifact?>> FindArtifact { get; init; }

    /// <summary>The digests that spans name and for which there is no artifact, sorted.</summary>
    public IReadOnlySet<ArtifactDigest> MissingArtifacts { get; init; } = new HashSet<ArtifactDigest>();

    /// <summary>
    /// Put around the chat client an engine uses: records its calls while the analysis is live, answers from the recording on replay.
    /// </summary>
    public Func<IChatClient, IChatClient> DecorateChatClient { get; init; } = static client => client;

    /// <summary>Hides secrets and personal data in what leaves the case; one value has one placeholder in prompts and report.</summary>
    internal Redactor Redactor => field ??= NewRedactor();

    // Engines ask it of every span, and a digest among millions is dear to find.
    private BitArray MissingNumbers => field ??= NamedDigests.NumbersOf(MissingArtifacts, Spans.Digests);

    private Utf8Table Traces => field ??= ReadTraces();

    /// <summary>Whether an artifact that spans name is missing.</summary>
    /// <param name="number">Its number in the forest's digests, or less than 0 for none, which is not missing.</param>
    internal bool IsMissing(int number) => number >= 0 && MissingNumbers[number];

    private Utf8Table ReadTraces()
    {
        var traces = new Utf8Table();
        foreach (var node in Spans.Nodes)
        {
            if (node.SpanIdUtf8.IndexOf((byte)':') is > 0 and var end)
            {
                traces.TryAdd(node.SpanIdUtf8[..end], out _);
            }
        }

        return traces;
    }

    // Ids of spans and traces look random and are no secrets, whoever names them.
    private Redactor NewRedactor()
    {
        var redactor = new Redactor();
        redactor.Know(text => Spans.Find(text) is not null || Traces.Find(text) >= 0);
        return redactor;
    }

    /// <summary>Makes a case of what is in memory: for tests, and for engines used without stores.</summary>
    /// <param name="incident">The incident.</param>
    /// <param name="spans">Its spans; those that are no evidence are left out.</param>
    /// <param name="artifacts">The bytes of artifacts, or null for none.</param>
    /// <param name="baseline">What to compare with, or null.</param>
    /// <param name="analyzedAt">The time of the analysis; by default the incident's own.</param>
    public static RcaCase Create(
        Incident incident,
        IEnumerable<Span> spans,
        IEnumerable<ReadOnlyMemory<byte>>? artifacts = null,
        Baseline? baseline = null,
        DateTimeOffset? analyzedAt = null)
    {
        ArgumentNullException.ThrowIfNull(incident);
        ArgumentNullException.ThrowIfNull(spans);
        var byId = new Dictionary<string, Span>(StringComparer.Ordinal);
        foreach (var span in spans.Where(span => ToolNames.IsEvidence(span.Tool)))
        {
            byId.TryAdd(span.SpanId, span);
        }

        var contents = (artifacts ?? []).DistinctBy(content => ArtifactDigest.Of(content.Span)).ToDictionary(content => ArtifactDigest.Of(content.Span));
        var at = analyzedAt ?? incident.CreatedTs;
        return new RcaCase
        {
            Incident = incident,
            Spans = SpanForest.Build(byId.Values),
            Baseline = baseline ?? Baseline.Empty,
            AnalyzedAt = at,
            MissingArtifacts = CaseArtifacts.NamedBy(byId.Values).Where(digest => !contents.ContainsKey(digest)).ToHashSet(),
            ReadSpan = (id, _) => ValueTask.FromResult(byId.GetValueOrDefault(id)),
            ReadArtifact = (digest, most, _) => ValueTask.FromResult(
                contents.TryGetValue(digest, out var content) && content.Length <= most ? content : (ReadOnlyMemory<byte>?)null),
            FindArtifact = (digest, _) => ValueTask.FromResult(
                contents.TryGetValue(digest, out var content)
                    ? new Artifact { Digest = digest, Length = content.Length, Mime = "application/octet-stream", CreatedTs = at }
                    : null),
        };
    }
}
