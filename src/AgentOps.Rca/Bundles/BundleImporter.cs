using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// Loads verified bundles into the stores, so that an incident can move between hosts and be replayed there. Nothing is written of a bundle
/// that is not intact or whose signer is not trusted here. Every write is insert-if-absent: importing again is harmless, and what is
/// stored already stays.
/// </summary>
internal sealed class BundleImporter : IBundleImporter
{
    private const int SpansAtOnce = 500;
    private const int ArtifactsAtOnce = 500;
    private const int MostBytesInMemory = 1 << 20;
    private const int MostConflicts = 100;

    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ISpanIntake _intake;
    private readonly IArtifactStore _rows;
    private readonly IArtifactContentStore _contents;
    private readonly ISigningKeyProvider _keys;

    /// <summary>Makes an importer into these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="rows">The rows of artifacts.</param>
    /// <param name="contents">The bytes of artifacts.</param>
    /// <param name="keys">The keys that are trusted.</param>
    /// <param name="intake">Where the spans go; null stores them and tells nobody.</param>
    public BundleImporter(
        IIncidentStore incidents,
        ISpanStore spans,
        IArtifactStore rows,
        IArtifactContentStore contents,
        ISigningKeyProvider keys,
        ISpanIntake? intake = null)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(contents);
        ArgumentNullException.ThrowIfNull(keys);
        _incidents = incidents;
        _spans = spans;
        _intake = intake ?? new SpanIntake(spans);
        _rows = rows;
        _contents = contents;
        _keys = keys;
    }

    /// <summary>Imports a bundle, in constant memory.</summary>
    /// <param name="bundle">The bundle, read from its current position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the work; importing again goes on from where it was.</param>
    public async ValueTask<BundleImportOutcome> ImportAsync(Stream bundle, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var opened = await OpenedBundle.OpenAsync(bundle, cancellationToken).ConfigureAwait(false);
        await using var openedDisposal = opened.ConfigureAwait(false);
        if (opened.Fault is { } fault)
        {
            return opened.IsNoBundle
                ? new BundleImportOutcome.NotABundle($"The body is no bundle: {fault.Reason} ({fault.Region})")
                : new BundleImportOutcome.Altered(fault.Region, fault.Reason);
        }

        var seal = opened.Seal!;
        if (!(await _keys.GetTrustedKeysAsync(cancellationToken).ConfigureAwait(false)).Any(key => key.KeyId == seal.Key.KeyId))
        {
            return new BundleImportOutcome.SignerNotTrusted(seal.Key.KeyId);
        }

        var content = opened.Content!;
        if (content.Rows.Values.FirstOrDefault(row => !MediaTypeText.IsValid(row.Mime)) is { } unfit)
        {
            return new BundleImportOutcome.NotABundle($"The artifact {unfit.Digest} has a media type that no header can carry, so the bundle is not taken.");
        }

        if (await FindConflictsAsync(content, cancellationToken).ConfigureAwait(false) is { Count: > 0 } conflicts)
        {
            return new BundleImportOutcome.Conflict(content.Incident.Id, conflicts);
        }

        // Content before its row, the row before the span that names it, and the incident when all that belongs to it is there.
        var (stored, known) = await AddArtifactsAsync(content, cancellationToken).ConfigureAwait(false);
        var spans = await AddSpansAsync(content, cancellationToken).ConfigureAwait(false);
        if (spans.Conflicts.Count > 0)
        {
            return new BundleImportOutcome.Conflict(content.Incident.Id, [.. spans.Conflicts.Select(NameOf)]);
        }

        var created = await AddIncidentAsync(content.Incident, cancellationToken).ConfigureAwait(false);
        return created is not { } isNew
            ? new BundleImportOutcome.Conflict(content.Incident.Id, [NameOf(content.Incident)])
            : new BundleImportOutcome.Imported(new BundleImport
            {
                IncidentId = content.Incident.Id,
                Created = isNew,
                SpansAdded = spans.Added,
                SpansKnown = spans.Duplicates,
                ArtifactsAdded = stored,
                ArtifactsKnown = known,
                ArtifactsLeftOut = [.. seal.Claims.LeftOut.Select(item => item.Digest.ToString())],
                KeyId = seal.Key.KeyId,
                ReplayDigest = seal.Claims.ReplayDigest,
                ReportDigest = seal.Claims.ReportDigest,
            });
    }

    // What can be seen before anything is written: another incident of this id, or other spans of this incident. A span whose id another
    // incident has taken shows when it is written.
    private async ValueTask<List<string>> FindConflictsAsync(BundleContent content, CancellationToken cancellationToken)
    {
        List<string> conflicts = [];
        if (await _incidents.GetAsync(content.Incident.Id, cancellationToken).ConfigureAwait(false) is { } stored && !stored.IsSameAs(content.Incident))
        {
            conflicts.Add(NameOf(content.Incident));
        }

        var ours = ReadSpans(content, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var oursDisposal = ours.ConfigureAwait(false);
        var more = await ours.MoveNextAsync().ConfigureAwait(false);
        await foreach (var theirs in _spans.ListAsync(new SpanQuery { IncidentId = content.Incident.Id.ToString("D") }, cancellationToken).ConfigureAwait(false))
        {
            while (more && Compare(ours.Current, theirs) < 0)
            {
                more = await ours.MoveNextAsync().ConfigureAwait(false);
            }

            if (!more || conflicts.Count >= MostConflicts)
            {
                break;
            }

            if (ours.Current.SpanId == theirs.SpanId && !ours.Current.IsSameAs(theirs))
            {
                conflicts.Add(NameOf(theirs.SpanId));
            }
        }

        return conflicts;
    }

    private async ValueTask<(long Stored, long Known)> AddArtifactsAsync(BundleContent content, CancellationToken cancellationToken)
    {
        var (stored, known) = (0L, 0L);
        List<Artifact> rows = [];
        List<ReadOnlyMemory<byte>> contents = [];
        var length = 0L;
        foreach (var row in content.Rows.Values.OrderBy(row => row.Digest))
        {
            // A row must not point at content that is not there, so one whose content was left out is left out too.
            var bytes = await content.OpenArtifact(row.Digest, cancellationToken).ConfigureAwait(false);
            if (bytes is null)
            {
                continue;
            }

            await using var bytesDisposal = bytes.ConfigureAwait(false);
            if (row.Length > MostBytesInMemory)
            {
                await _contents.WriteAsync(bytes, row.Digest, cancellationToken).ConfigureAwait(false);
                Count(await ArtifactRows.AddAsync(_rows, _contents, row, cancellationToken).ConfigureAwait(false), row);
                continue;
            }

            rows.Add(row);
            contents.Add(await ReadAsync(bytes, row, cancellationToken).ConfigureAwait(false));
            length += row.Length;
            if (rows.Count == ArtifactsAtOnce || length > MostBytesInMemory)
            {
                await WriteAsync().ConfigureAwait(false);
            }
        }

        await WriteAsync().ConfigureAwait(false);
        return (stored, known);

        async ValueTask WriteAsync()
        {
            if (rows.Count == 0)
            {
                return;
            }

            await ContentInMemory.WriteAsync(_contents, contents, cancellationToken).ConfigureAwait(false);
            var outcomes = await ArtifactRows.AddManyAsync(_rows, _contents, rows, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < rows.Count; i++)
            {
                Count(outcomes[i], rows[i]);
            }

            (rows, contents, length) = ([], [], 0);
        }

        void Count(WriteOutcome outcome, Artifact row)
        {
            switch (outcome)
            {
                case WriteOutcome.Added:
                    stored++;
                    break;
                case WriteOutcome.Duplicate:
                    known++;
                    break;
                default:
                    throw ArtifactRows.OtherLength(row);
            }
        }
    }

    // Compared before anything is stored, as a store does with what it is told to expect.
    private static async ValueTask<byte[]> ReadAsync(Stream content, Artifact row, CancellationToken cancellationToken)
    {
        var bytes = new byte[row.Length];
        var read = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var actual = ArtifactDigest.Of(bytes.AsSpan(0, read));
        return actual == row.Digest && read == bytes.Length ? bytes : throw new ArtifactDigestMismatchException(row.Digest, actual);
    }

    private async ValueTask<SpanWriteResult> AddSpansAsync(BundleContent content, CancellationToken cancellationToken)
    {
        var (added, duplicates) = (0, 0);
        List<string> conflicts = [];
        var batch = new List<Span>(SpansAtOnce);
        await foreach (var span in ReadSpans(content, cancellationToken).ConfigureAwait(false))
        {
            // Who did what elsewhere is no record of this host.
            if (span.IncidentId == SpanIds.AuditIncident)
            {
                continue;
            }

            batch.Add(span);
            if (batch.Count == SpansAtOnce)
            {
                await WriteAsync().ConfigureAwait(false);
            }
        }

        await WriteAsync().ConfigureAwait(false);
        return new SpanWriteResult(added, duplicates, conflicts);

        async ValueTask WriteAsync()
        {
            if (batch.Count > 0)
            {
                var written = await _intake.AddAsync(batch, cancellationToken).ConfigureAwait(false);
                added += written.Added;
                duplicates += written.Duplicates;
                conflicts.AddRange(written.Conflicts.Take(MostConflicts - conflicts.Count));
                // Whoever was told of this batch may hold on to it.
                batch = new List<Span>(SpansAtOnce);
            }
        }
    }

    /// <summary>Whether the incident is new; null when another one has its id.</summary>
    private async ValueTask<bool?> AddIncidentAsync(Incident incident, CancellationToken cancellationToken)
    {
        switch (await _incidents.AddAsync(incident, cancellationToken).ConfigureAwait(false))
        {
            case WriteOutcome.Added:
                return true;
            case WriteOutcome.Duplicate:
                // The decision came along as a span; a status that nobody has touched follows it.
                if (incident.Status is IncidentStatus.Approved or IncidentStatus.Rejected)
                {
                    await _incidents.TrySetStatusAsync(incident.Id, IncidentStatus.Open, incident.Status, cancellationToken).ConfigureAwait(false);
                }

                return false;
            default:
                return null;
        }
    }

    private static async IAsyncEnumerable<Span> ReadSpans(
        BundleContent content, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var spans = content.OpenSpans();
        await using var spansDisposal = spans.ConfigureAwait(false);
        var lines = new LineReader(spans);
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return BundleLines.ReadSpan(lines.Line) ?? throw new InvalidDataException("A line of a verified bundle is no span.");
        }
    }

    private static int Compare(Span left, Span right) =>
        left.StartTs != right.StartTs ? left.StartTs.CompareTo(right.StartTs) : Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId);

    private static string NameOf(Incident incident) => $"incident {incident.Id:D}";

    private static string NameOf(string spanId) => $"span {spanId}";
}
