using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Patterns;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads pages of the list: the incidents, the records of all of them, and the failures that come back; three listings a page.</summary>
internal sealed class OverviewReader(IIncidentStore incidents, ISpanStore spans, TimeProvider timeProvider)
{
    private const int MostRows = 500;
    private const int MostLookedAt = 2_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(90);

    public async ValueTask<IncidentOverviewPage> ReadAsync(IncidentOverviewQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MostRows);
        var tool = query.Tool is { } asked ? RcaSignature.ToolClass(asked) : null;
        var now = timeProvider.GetUtcNow();
        List<Candidate> rows = [];
        var (after, looked, isLast) = (Start(query), 0, false);
        while (rows.Count < query.Limit && looked < MostLookedAt && !isLast)
        {
            // One more than is wanted tells whether there is another page.
            var batch = await ListAsync(query, after, query.Limit + 1, cancellationToken).ConfigureAwait(false);
            isLast = batch.Count <= query.Limit;
            var records = await IncidentRecords.ReadAsync(spans, batch.ConvertAll(incident => incident.Id), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                if (rows.Count == query.Limit || i == query.Limit)
                {
                    isLast = false;
                    break;
                }

                var candidate = new Candidate(batch[i], records[batch[i].Id]);
                looked++;
                after = new IncidentCursor(batch[i].CreatedTs, batch[i].Id);
                if (candidate.Fits(query.Verdict, tool))
                {
                    rows.Add(candidate);
                }
            }
        }

        var recurring = rows.Exists(row => row.Signature is not null)
            ? await ReadPatternsAsync(now, cancellationToken).ConfigureAwait(false)
            : new Dictionary<string, RcaPattern>(StringComparer.Ordinal);
        return new IncidentOverviewPage([.. rows.Select(row => row.ToRow(now, recurring))], isLast ? null : after);
    }

    // The order is newest first, so the later end of a range is a place in it.
    private static IncidentCursor? Start(IncidentOverviewQuery query)
    {
        if (query.Until is not { } until)
        {
            return query.After;
        }

        var end = new IncidentCursor(until, Guid.Empty);
        return query.After is { } after && after.CreatedTs < until ? after : end;
    }

    private async ValueTask<List<Incident>> ListAsync(IncidentOverviewQuery query, IncidentCursor? after, int limit, CancellationToken cancellationToken)
    {
        List<Incident> batch = [];
        var listing = new IncidentQuery
        {
            Status = query.Status,
            ProblemType = query.ProblemType,
            OrderId = query.OrderId,
            Text = query.Text,
            After = after,
            Limit = limit,
        };
        await foreach (var incident in incidents.ListAsync(listing, cancellationToken).ConfigureAwait(false))
        {
            if (query.Since is { } since && incident.CreatedTs < since)
            {
                break;
            }

            batch.Add(incident);
        }

        return batch;
    }

    private async ValueTask<Dictionary<string, RcaPattern>> ReadPatternsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tally = new PatternTally();
        var recorded = new SpanQuery { IsEvidence = false, FromTs = EpochUnit.Microseconds(now - Remembered) };
        await foreach (var span in spans.ListAsync(recorded, cancellationToken).ConfigureAwait(false))
        {
            tally.Add(span);
        }

        return tally.Patterns().ToDictionary(pattern => pattern.Signature, StringComparer.Ordinal);
    }

    /// <summary>An incident and what its latest analysis says.</summary>
    private sealed class Candidate(Incident incident, ApprovalTally records)
    {
        private readonly RcaSignature? _parts = Text(records.LatestAnalysis, AnalysisSpan.Signature) is { } text ? RcaSignature.Parse(text) : null;

        public string? Signature { get; } = Text(records.LatestAnalysis, AnalysisSpan.Signature);

        private RcaVerdict? Verdict => Text(records.LatestAnalysis, AnalysisSpan.Verdict) switch
        {
            "identified" => RcaVerdict.Identified,
            "inconclusive" => RcaVerdict.Inconclusive,
            _ => null,
        };

        public bool Fits(OverviewVerdict? verdict, string? tool) =>
            (tool is null || _parts?.Tool == tool)
            && verdict switch
            {
                null => true,
                OverviewVerdict.None => records.LatestAnalysis is null,
                OverviewVerdict.Identified => Verdict is RcaVerdict.Identified,
                _ => Verdict is RcaVerdict.Inconclusive,
            };

        public IncidentOverview ToRow(DateTimeOffset now, Dictionary<string, RcaPattern> recurring)
        {
            var analysis = records.LatestAnalysis;
            var pattern = Signature is null ? null : recurring.GetValueOrDefault(Signature);
            return new IncidentOverview
            {
                Id = incident.Id,
                OrderId = incident.OrderId,
                ProblemType = incident.ProblemType,
                EtaDeltaHours = incident.EtaDeltaHours,
                Status = incident.Status,
                CreatedTs = incident.CreatedTs,
                AgeSeconds = Math.Max(0, Math.Round((now - incident.CreatedTs).TotalSeconds, 3)),
                Verdict = Verdict,
                Cause = Text(analysis, AnalysisSpan.RootCause),
                Category = _parts?.Category,
                Tool = _parts?.Tool,
                Confidence = analysis is not null && analysis.Attributes.TryGetProperty(AnalysisSpan.Confidence, out var sure) && sure.ValueKind == JsonValueKind.Number
                    ? sure.GetDouble() : null,
                Engine = analysis?.Tool[ToolNames.AnalysisPrefix.Length..],
                ReportDigest = analysis?.ResultDigest,
                AnalyzedAt = analysis is null ? null : EpochUnit.ToInstant(EpochUnit.ToNanoseconds(analysis.EndTs)),
                AnalysisCount = records.Analyses,
                Decision = OverviewDecision.Of(records.Build()),
                Recurrence = Signature is null ? null : new IncidentRecurrence(Signature, pattern?.Count ?? 0, pattern?.FirstSeen, pattern?.LastSeen),
            };
        }

        private static string? Text(Span? span, string name) => span?.Attributes.TextOf(name);
    }
}
