using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Reads recorded analyses back.</summary>
internal sealed class RcaReports : IRcaReports
{
    private const int MostReportBytes = 64 * 1024 * 1024;

    private readonly ISpanStore _spans;
    private readonly ArtifactVault _artifacts;

    /// <summary>Makes a reader over these stores.</summary>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    public RcaReports(ISpanStore spans, ArtifactVault artifacts)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        _spans = spans;
        _artifacts = artifacts;
    }

    /// <summary>The spans of an incident's analyses, the latest first.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<IReadOnlyList<Span>> ListSpansAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        List<Span> found = [];
        await foreach (var span in _spans.ListAsync(
            new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = false }, cancellationToken).ConfigureAwait(false))
        {
            if (AnalysisSpan.HasReport(span))
            {
                found.Add(span);
            }
        }

        return [.. found
            .OrderByDescending(span => EpochUnit.ToNanoseconds(span.EndTs))
            .ThenByDescending(span => span.SpanId, Json.Utf8Comparer.Instance)];
    }

    /// <summary>The digest of the latest report, or null when there is none.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<string?> FindLatestDigestAsync(Guid incidentId, CancellationToken cancellationToken = default) =>
        (await ListSpansAsync(incidentId, cancellationToken).ConfigureAwait(false)).Select(span => span.ResultDigest).FirstOrDefault();

    /// <summary>The reports of an incident, the latest first. One whose bytes are missing or do not match their digest is left out.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<RcaReport> ListAsync(
        Guid incidentId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var span in await ListSpansAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            if (await ReadAsync(span, cancellationToken).ConfigureAwait(false) is { } report)
            {
                yield return report;
            }
        }
    }

    /// <summary>The report that an analysis' span points at, or null when its bytes are missing or do not match their digest.</summary>
    /// <param name="analysis">The span of an analysis.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<RcaReport?> ReadAsync(Span analysis, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        if (!ArtifactDigest.TryParse(analysis.ResultDigest, out var digest))
        {
            return null;
        }

        var read = await _artifacts.ReadAllVerifiedAsync(digest, MostReportBytes, cancellationToken).ConfigureAwait(false);
        return read.IsIntact && RcaJson.ReadReport(read.Content.Span) is { } report
            ? report with { ReportDigest = digest.ToString() }
            : null;
    }
}
