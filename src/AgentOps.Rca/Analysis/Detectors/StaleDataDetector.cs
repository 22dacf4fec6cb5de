using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Results that were out of date: a record that another call of the same case knows in a newer version. Records are the same when a
/// member that names them (an id, a name, a key) has the same value.
/// </summary>
internal sealed class StaleDataDetector : IDetector
{
    private const int MostDisagreements = 20;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<DatedRecord> records = [.. run.Tools.SelectMany(RecordsOf)];
        foreach (var node in context.Spans.Nodes)
        {
            if (node.ResultNumber >= 0 && run.OwnerOf(node) is null && !SpanFlow.IsModelCall(node)
                && await context.ReadResultAsync(node, cancellationToken).ConfigureAwait(false) is { } result)
            {
                records.AddRange(DatedRecords.Read(node, node.ResultDigest!.Value, result));
            }
        }

        var findings = new List<Finding>();
        var seen = new HashSet<(string Stale, string Newer)>();
        var groups = records.SelectMany(record => record.Names.Select(name => (Key: (name, record.Measure), record)))
            .GroupBy(pair => pair.Key, pair => pair.record);
        foreach (var group in groups.Where(group => group.Count() > 1))
        {
            var newest = group.MaxBy(record => record.Value)!;
            foreach (var stale in group.Where(record => record.Value < newest.Value && IsOutdated(record, newest)))
            {
                if (findings.Count < MostDisagreements && seen.Add((stale.Node.SpanId, newest.Node.SpanId)))
                {
                    findings.Add(Describe(context, stale, newest));
                }
            }
        }

        return findings;
    }

    // A revision that was asked for by its number is read on purpose.
    private static IEnumerable<DatedRecord> RecordsOf(ToolStep tool) => tool is not { Result: { Place.Artifact: { } artifact } result, IsHandoff: false } ? [] :
        DatedRecords.Read(tool.Node, artifact, result.Value)
            .Where(record => tool.Arguments is null || !(NamesVersion(tool.Arguments.Value) || (record.Measure != DatedRecords.Time && AsksFor(tool.Arguments.Text, record.Value))))
            .Select(record => record with { Pointer = result.At(record.Pointer).Pointer ?? "", Step = tool });

    private static bool NamesVersion(System.Text.Json.JsonElement arguments) => arguments.ValueKind == System.Text.Json.JsonValueKind.Object
        && arguments.EnumerateObject().Any(member => member.Value.ValueKind is System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Number
            && ToolWords.Of(member.Name).Any(word => word is "version" or "revision" or "rev" or "snapshot" or "edition" or "commit" or "as" or "before" or "until"));

    private static bool AsksFor(string arguments, decimal version) =>
        System.Text.RegularExpressions.Regex.IsMatch(arguments, Words.Invariant($@"(?<![\d.]){System.Text.RegularExpressions.Regex.Escape(version.ToString(System.Globalization.CultureInfo.InvariantCulture))}(?![\d.])"));

    // The newer version must have existed when the older one was read; a record that changed later was not stale before.
    private static bool IsOutdated(DatedRecord stale, DatedRecord newest) =>
        stale.Node != newest.Node
        && (stale.Measure == DatedRecords.Time
            ? newest.Value <= stale.Node.EndNs
            : newest.Node.StartNs <= stale.Node.StartNs || newest.Node.Tool != stale.Node.Tool);

    private static Finding Describe(DetectionContext context, DatedRecord stale, DatedRecord newest)
    {
        var (node, other) = (stale.Node, newest.Node);
        var model = context.Spans.Nodes.FirstOrDefault(next => next.StartNs >= node.EndNs && SpanFlow.IsModelCall(next));
        List<Fact> facts =
        [
            new(node.SpanId, $"{Words.Name(node.Tool)} returned {stale.Text} for {Words.Name(stale.Name)}.", stale.Pointer, stale.Artifact),
            new(other.SpanId, $"{Words.Name(other.Tool)} knew {newest.Text} for {Words.Name(newest.Name)}.", newest.Pointer, newest.Artifact),
        ];
        if (model is not null)
        {
            facts.Add(new(model.SpanId, $"{Words.Name(model.Tool)} ran{Words.At(model.StartNs)}, after the outdated result was there.", "/start_ts"));
        }

        return new Finding
        {
            Kind = "stale_data",
            Category = "stale_data",
            Place = stale.Step is { } step ? StepFindings.PlaceOf(step) : DetectionContext.PlaceOf(node),
            Proof = stale.Step is null ? null : Proof.Causal,
            Tool = node.Tool,
            ErrorClass = "outdated_result",
            Strength = 2.4,
            AtNs = node.StartNs,
            Cause = $"{Words.Name(node.Tool)} returned an outdated {Words.Name(stale.Name)}{Words.At(node.EndNs)} ({stale.Text}), while {Words.Name(other.Tool)} knew {newest.Text}"
                + (model is null ? "." : $"; {Words.Name(model.Tool)} went on to work with it."),
            Recommendation = $"Have {Words.Name(node.Tool)} check the version or age of what it returns, and give the model both so that it can tell.",
            Factors = model is null ? [] : [$"{Words.Name(model.Tool)} did not notice that two of its sources disagree about {Words.Name(stale.Name)}."],
            Facts = facts,
        };
    }
}
