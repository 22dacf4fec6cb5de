using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Kpis;

/// <summary>Works the figures of an incident out of its spans, taken one by one in any order; the result does not depend on the order.</summary>
internal sealed class KpiCalculator
{
    private const string DetectionPrefix = ToolNames.ToolCallPrefix + "detect";

    // What a store kept can be read back, whatever the bound of the reader that accepted it.
    private static readonly JsonDocumentOptions StoredJson = new() { MaxDepth = 1_000 };

    private readonly Incident _incident;
    private readonly OwnUse _use = new();
    private readonly TextPool _tools = new();
    private readonly List<(long StartNs, long EndNs)> _times = [];
    private readonly List<(int Place, ModelCallUsage Call)> _agentCalls = [];
    private readonly List<(string? ParentId, ModelCallUsage Call)> _analysisCalls = [];
    private readonly List<Span> _analyses = [];
    private SpanTime? _firstStart;
    private SpanTime? _lastEnd;
    private SpanTime? _detection;
    private long _evidenceCount;

    /// <summary>Makes a calculator for an incident.</summary>
    /// <param name="incident">The incident.</param>
    public KpiCalculator(Incident incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        _incident = incident;
    }

    /// <summary>Takes a span of the incident in.</summary>
    /// <param name="span">The span.</param>
    public void Add(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        if (ToolNames.IsEvidence(span.Tool))
        {
            using var text = new SpanRowText(span);
            AddEvidence(text.Row, span.Tool);
        }
        else if (span.Tool == ToolNames.AnalysisModelCall && SpanIds.IsModelCall(span.SpanId, span.ParentId))
        {
            _analysisCalls.Add((span.ParentId, ModelCallUsage.ReadRecorded(span.Attributes)));
        }
        else if (AnalysisSpan.HasReport(span))
        {
            _analyses.Add(span);
        }
    }

    /// <summary>The same of a span that is no record.</summary>
    /// <param name="span">The span.</param>
    public void Add(in SpanRow span)
    {
        var tool = _tools.Of(span.Tool);
        if (ToolNames.IsEvidence(tool))
        {
            AddEvidence(span, tool);
        }
        else
        {
            Add(span.ToRecord(_incident.Id.ToString("D")));
        }
    }

    /// <summary>The figures of all spans taken.</summary>
    public IncidentKpis Build()
    {
        var skew = ClockSkew.Shifts(_times, _use.ParentOf);
        var evidence = HasTimes && _firstStart is { } first && _lastEnd is { } last
            ? new EvidenceTimeParts(first.Time, first.SpanId, last.Time, last.SpanId, _evidenceCount) { ClockSkew = LargestSkew(skew) }
            : null;
        var analysis = TimeToRca();
        var usage = AnalysisUsage();
        var agentUsage = AgentUsage();
        return new IncidentKpis
        {
            IncidentId = _incident.Id,
            EvidenceTime = HasTimes ? EvidenceTime(skew) : null,
            Evidence = evidence,
            TimeToRca = analysis is null ? null : (analysis.AnalyzedAt - analysis.DetectedAt).TotalSeconds,
            Analysis = analysis,
            TokensCost = usage.IsEmpty ? (_analyses.Count == 0 ? null : 0) : usage.Total()!.CostUsd,
            AnalysisUsage = usage.ByModel(),
            AgentUsage = agentUsage.Total(),
            AgentUsageByModel = agentUsage.ByModel(),
        };
    }

    // Evidence of a file that does not say when it happened reaches over no time that is known.
    private bool HasTimes => _firstStart is { } first && _lastEnd is { } last && !UnknownTime.Is(first.Nanoseconds) && !UnknownTime.Is(last.Nanoseconds);

    private void AddEvidence(in SpanRow span, string tool)
    {
        var (startNs, endNs) = (EpochUnit.ToNanoseconds(span.StartTs), EpochUnit.ToNanoseconds(span.EndTs));
        _evidenceCount++;
        if (_firstStart is not { } first || startNs <= first.Nanoseconds)
        {
            var start = new SpanTime(startNs, Encoding.UTF8.GetString(span.SpanId));
            _firstStart = start.IsBefore(_firstStart) ? start : _firstStart;
        }

        if (_lastEnd is not { } last || endNs >= last.Nanoseconds)
        {
            var end = new SpanTime(endNs, Encoding.UTF8.GetString(span.SpanId));
            _lastEnd = end.IsAfter(_lastEnd) ? end : _lastEnd;
        }

        if (tool.StartsWith(DetectionPrefix, StringComparison.Ordinal) && !UnknownTime.Is(startNs)
            && new SpanTime(startNs, Encoding.UTF8.GetString(span.SpanId)) is var detection && detection.IsBefore(_detection))
        {
            _detection = detection;
        }

        if (tool == ToolNames.Log)
        {
            return;
        }

        var call = ModelCallUsage.MaySayTokens(span.Attributes) && JsonElement.Parse(span.Attributes, StoredJson) is var attributes
            && ModelCallUsage.IsSingleCall(tool, attributes) ? ModelCallUsage.Read(attributes) : null;
        var place = _use.Add(span, tool, call is not null);
        _times.Add((startNs, endNs));
        if (call is not null)
        {
            _agentCalls.Add((place, call));
        }
    }

    // Where clocks disagree, the calls alone tell the time, each moved to the clock of the one that made it; log records lie within them.
    private double? EvidenceTime(long[]? skew)
    {
        if (skew is null)
        {
            return Seconds(_firstStart?.Nanoseconds, _lastEnd?.Nanoseconds);
        }

        var (first, last) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < skew.Length; i++)
        {
            first = Math.Min(first, _times[i].StartNs + skew[i]);
            last = Math.Max(last, _times[i].EndNs + skew[i]);
        }

        return Seconds(first, last);
    }

    private static double? LargestSkew(long[]? skew) => skew is null ? null : skew.Max(static shift => Math.Abs((double)shift)) / 1_000_000_000;

    // A wrapper repeats what the calls below it used.
    private ModelUsageSum AgentUsage()
    {
        var sum = new ModelUsageSum();
        var own = _use.Judge();
        foreach (var (place, call) in _agentCalls)
        {
            if (own[place])
            {
                sum.Add(call);
            }
        }

        return sum;
    }

    // An analysis that ended before the failure was detected measures nothing: the clocks disagree, and the figure is unknown.
    private TimeToRcaParts? TimeToRca()
    {
        SpanTime? end = null;
        foreach (var analysis in _analyses)
        {
            var mark = new SpanTime(EpochUnit.ToNanoseconds(analysis.EndTs), analysis.SpanId);
            end = mark.IsBefore(end) ? mark : end;
        }

        var detectedAt = _detection?.Time ?? _incident.CreatedTs;
        return end is { } first && first.Time >= detectedAt
            ? new TimeToRcaParts(detectedAt, _detection?.SpanId, first.Time, first.SpanId)
            : null;
    }

    // Calls are what was paid for, also those of an analysis that fell back to another engine or was never finished. An analysis
    // whose calls were not recorded one by one speaks for them itself.
    private ModelUsageSum AnalysisUsage()
    {
        var sum = new ModelUsageSum();
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (parentId, call) in _analysisCalls)
        {
            recorded.Add(parentId ?? "");
            sum.Add(call);
        }

        foreach (var analysis in _analyses.Where(analysis => !recorded.Contains(analysis.SpanId)))
        {
            if (analysis.Attributes.TryGetProperty(AnalysisSpan.CostUsd, out _))
            {
                sum.Add(ModelCallUsage.ReadRecorded(analysis.Attributes));
            }
        }

        return sum;
    }

    // Spans that all end before they start give no length of time.
    private static double? Seconds(long? from, long? to) => from <= to ? (double?)(((decimal?)to - from) / 1_000_000_000m) : null;

    private readonly record struct SpanTime(long Nanoseconds, string SpanId)
    {
        public DateTimeOffset Time => EpochUnit.ToInstant(Nanoseconds);

        public bool IsBefore(SpanTime? other) =>
            other is not { } mark || Nanoseconds < mark.Nanoseconds || (Nanoseconds == mark.Nanoseconds && IsFirst(mark));

        public bool IsAfter(SpanTime? other) =>
            other is not { } mark || Nanoseconds > mark.Nanoseconds || (Nanoseconds == mark.Nanoseconds && IsFirst(mark));

        private bool IsFirst(SpanTime other) => Utf8Comparer.Instance.Compare(SpanId, other.SpanId) < 0;
    }
}
