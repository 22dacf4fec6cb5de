using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Patterns;

/// <summary>
/// Counts incidents by the signature of their latest analysis, out of the spans of analyses and decisions in any order. An incident
/// whose latest analysis is inconclusive has no pattern.
/// </summary>
internal sealed class PatternTally
{
    private const int MostIncidentsNamed = 10;
    private const int MostApproved = 3;
    private const int MostNote = 300;

    private readonly Dictionary<Guid, Seen> _latest = [];
    private readonly Dictionary<(Guid Incident, string Report), Seen> _reports = [];
    private readonly List<Approval> _approvals = [];

    /// <summary>How many analyses were counted.</summary>
    public int Analyses { get; private set; }

    public void Add(Span span)
    {
        if (!Guid.TryParseExact(span.IncidentId, "D", out var incident))
        {
            return;
        }

        if (AnalysisSpan.HasReport(span) && span.ResultDigest is { } report)
        {
            Analyses++;
            var seen = new Seen(span.EndTs, span.SpanId, Text(span, AnalysisSpan.Signature), Text(span, AnalysisSpan.RootCause));
            _reports[(incident, report)] = seen;
            if (!_latest.TryGetValue(incident, out var known) || known.CompareTo(seen) < 0)
            {
                _latest[incident] = seen;
            }
        }
        else if (ApprovalSpan.Read(span) is { Decision: ApprovalDecision.Approved, ReportDigest: not null } approval)
        {
            _approvals.Add(approval);
        }
    }

    public IEnumerable<RcaPattern> Patterns()
    {
        var approved = _approvals
            .Where(approval => _reports.TryGetValue((approval.IncidentId, approval.ReportDigest!), out var report) && report.Signature is not null)
            .ToLookup(approval => _reports[(approval.IncidentId, approval.ReportDigest!)].Signature!, StringComparer.Ordinal);
        return _latest.Where(pair => pair.Value.Signature is not null)
            .GroupBy(pair => pair.Value.Signature!, StringComparer.Ordinal)
            .Select(group => Pattern(group.Key, [.. group.OrderByDescending(pair => pair.Value.EndTs).ThenBy(pair => pair.Key)], approved[group.Key]))
            .OrderByDescending(pattern => pattern.Count)
            .ThenByDescending(pattern => pattern.LastSeen)
            .ThenBy(pattern => pattern.Signature, StringComparer.Ordinal);
    }

    private RcaPattern Pattern(string signature, List<KeyValuePair<Guid, Seen>> incidents, IEnumerable<Approval> approvals) =>
        new(signature, incidents.Count, [.. incidents.Take(MostIncidentsNamed).Select(pair => pair.Key)])
        {
            FirstSeen = Instant(incidents[^1].Value.EndTs),
            LastSeen = Instant(incidents[0].Value.EndTs),
            Approved =
            [
                .. approvals.OrderByDescending(approval => approval.DecidedAt).ThenBy(approval => approval.SpanId, StringComparer.Ordinal).Take(MostApproved)
                    .Select(approval => new RcaPrecedent
                    {
                        IncidentId = approval.IncidentId,
                        ReportDigest = approval.ReportDigest!,
                        RootCause = _reports[(approval.IncidentId, approval.ReportDigest!)].RootCause,
                        ApprovedBy = approval.ApprovedBy,
                        Approver = approval.Approver,
                        Note = approval.Note is { } note ? Words.Short(note, MostNote) : null,
                        ApprovedAt = approval.DecidedAt,
                    }),
            ],
        };

    private static DateTimeOffset Instant(long ts) => EpochUnit.ToInstant(EpochUnit.ToNanoseconds(ts));

    private static string? Text(Span span, string name) =>
        span.Attributes.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private readonly record struct Seen(long EndTs, string SpanId, string? Signature, string? RootCause) : IComparable<Seen>
    {
        public int CompareTo(Seen other) =>
            EndTs != other.EndTs ? EndTs.CompareTo(other.EndTs) : Json.Utf8Comparer.Instance.Compare(SpanId, other.SpanId);
    }
}
