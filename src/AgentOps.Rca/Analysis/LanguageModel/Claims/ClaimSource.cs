using System.Text;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>What a claim may rest on: the records it cites, what the incident tells, and the run around them to be held against.</summary>
internal sealed class ClaimSource
{
    public ClaimSource(RunIndex run, SourceRecord incident, IReadOnlyList<SourceRecord> records)
    {
        Run = run;
        Incident = incident;
        Records = records;
        All = [.. records, incident];
        Means = records.Aggregate(Meanings.None, (all, record) => all | record.Means);
        Nodes = [.. records.Select(record => record.Node).OfType<SpanNode>().Distinct()];
    }

    public RunIndex Run { get; }

    public SourceRecord Incident { get; }

    /// <summary>The cited records.</summary>
    public IReadOnlyList<SourceRecord> Records { get; }

    /// <summary>The cited records, and the incident.</summary>
    public IReadOnlyList<SourceRecord> All { get; }

    public Meanings Means { get; }

    /// <summary>The spans of the cited records.</summary>
    public IReadOnlyList<SpanNode> Nodes { get; }

    public bool HasStem(string stem) => All.Any(record => record.HasStem(stem));

    /// <summary>The records about a tool: those of its spans, and those that name it when no span of it is cited.</summary>
    public IReadOnlyList<SourceRecord> About(IReadOnlyList<string> tools)
    {
        var own = Records.Where(record => record.IsOf(tools)).ToList();
        return own.Count > 0 ? own : [.. Records.Where(record => tools.Any(record.Names))];
    }

    public static SourceRecord IncidentRecord(ClaimReader reader, Incidents.Incident incident) => new(
        reader,
        node: null,
        [incident.ProblemType.Replace('_', ' '), incident.OrderId, incident.EtaDeltaHours is { } hours ? System.FormattableString.Invariant($"{hours} hours") : null, Encoding.UTF8.GetString(CanonicalJson.ToUtf8(incident.Details))]);
}

/// <summary>The tools and spans of a run by name, made once for all claims about it.</summary>
internal sealed class RunIndex
{
    private const int MostTools = 2_000;

    private readonly Dictionary<string, List<SpanNode>> _byTool = new(StringComparer.Ordinal);

    public RunIndex(SpanForest spans)
    {
        foreach (var node in spans.Nodes.Where(node => !node.IsLog))
        {
            (_byTool.TryGetValue(node.Tool, out var nodes) ? nodes : _byTool[node.Tool] = []).Add(node);
        }

        Tools = [.. _byTool.Keys.Order(StringComparer.Ordinal).Take(MostTools)];
        Services = spans.Nodes.Select(node => node.Service).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostTools).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<string> Tools { get; }

    public IReadOnlySet<string> Services { get; }

    public IReadOnlyList<SpanNode> Calls(IEnumerable<string> tools) => [.. tools.SelectMany(tool => _byTool.GetValueOrDefault(tool) ?? [])];

    public int Count => _byTool.Values.Sum(nodes => nodes.Count);
}
