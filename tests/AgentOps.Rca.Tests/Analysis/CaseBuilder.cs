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

    public RcaCase Build(Baseline? baseline = null) => RcaCase.Create(Samples.Incident(1), _spans, _artifacts, baseline);

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
