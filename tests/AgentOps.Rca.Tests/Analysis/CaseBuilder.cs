using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>Puts cases together, call by call. Times are seconds after the start of the run.</summary>
internal sealed class CaseBuilder
{
    private const long Start = 1_773_500_000_000_000;

    private readonly List<Span> _spans = [];
    private readonly List<ReadOnlyMemory<byte>> _artifacts = [];

    public IReadOnlyList<Span> Spans => _spans;

    public CaseBuilder Call(
        string id, string tool, double from, double to, string? parent = null, string? args = null, string? result = null, string attributes = "{}")
    {
        _spans.Add(new Span
        {
            SpanId = id,
            ParentId = parent,
            Tool = tool,
            StartTs = Start + (long)(from * 1e6),
            EndTs = Start + (long)(to * 1e6),
            ArgsDigest = Store(args),
            ResultDigest = Store(result),
            Attributes = Samples.Json(attributes),
        });
        return this;
    }

    /// <summary>A model call with the messages that it was given and what it said; see <see cref="Chat"/>.</summary>
    public CaseBuilder Model(
        string id, double from, double to, string[] given, string? said, string[]? tools = null, string? finish = null, string? parent = "run", string attributes = "{}")
    {
        var offered = tools is null ? "" : $",\"tools\":[{string.Join(',', tools)}]";
        var reason = finish is null ? "" : $",\"finish_reason\":{Chat.Text(finish)}";
        return Call(
            id, "llm.call/planner", from, to, parent, $"{{\"messages\":[{string.Join(',', given)}]{offered}}}",
            said is null ? null : $"{{\"choices\":[{{\"message\":{said}{reason}}}]}}", attributes);
    }

    /// <summary>A tool call that says by which id a model asked for it.</summary>
    public CaseBuilder Tool(
        string id, string tool, double from, double to, string? args, string? result, string? callId = null, string? parent = "run", string attributes = "{}") =>
        Call(id, "tool.call/" + tool, from, to, parent, args, result, callId is null ? attributes
            : attributes == "{}" ? $"{{\"gen_ai.tool.call.id\":{Chat.Text(callId)}}}" : $"{{\"gen_ai.tool.call.id\":{Chat.Text(callId)},{attributes[1..]}");

    /// <summary>Gives the last call a result of any bytes.</summary>
    public CaseBuilder Returning(byte[] result)
    {
        _artifacts.Add(result);
        _spans[^1] = _spans[^1] with { ResultDigest = ArtifactDigest.Of(result).ToString() };
        return this;
    }

    public CaseBuilder LoseArtifacts()
    {
        _artifacts.Clear();
        return this;
    }

    public Baseline AsBaseline()
    {
        var builder = new BaselineBuilder();
        _spans.ForEach(builder.Add);
        return builder.Build("a quiet time");
    }

    /// <summary>A quiet time that knows the results of steps, too.</summary>
    public Baseline AsBaselineWithResults()
    {
        var builder = new BaselineBuilder();
        foreach (var span in _spans)
        {
            builder.Add(span);
            if (_artifacts.Find(content => ArtifactDigest.Of(content.Span).ToString() == span.ResultDigest) is { IsEmpty: false } result)
            {
                builder.AddResult(StepBaseline.KeyOf(null, span.Tool), System.Text.Json.JsonElement.Parse(result.Span));
            }
        }

        return builder.Build("a quiet time");
    }

    /// <summary>By how much the incident says that the run was late.</summary>
    public double? LateHours { get; init; }

    /// <summary>What the incident says is wrong.</summary>
    public string Problem { get; init; } = "late_delivery";

    public RcaCase Build(Baseline? baseline = null) =>
        RcaCase.Create(Samples.Incident(1) with { EtaDeltaHours = LateHours, ProblemType = Problem }, _spans, _artifacts, baseline);

    public async Task<RcaReport> AnalyzeAsync(Baseline? baseline = null) =>
        await new TraceRcaEngine().AnalyzeAsync(Build(baseline), cancellationToken: TestContext.Current.CancellationToken);

    private string? Store(string? content)
    {
        if (content is null)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(content);
        _artifacts.Add(bytes);
        return ArtifactDigest.Of(bytes).ToString();
    }
}
