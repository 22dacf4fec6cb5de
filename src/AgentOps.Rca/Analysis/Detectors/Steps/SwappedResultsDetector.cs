using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Two calls of one tool that differ in what they ask about, and that were taken for each other: each result names what the other call asked about; or the
/// answer tells the figures of each as those of the other one.
/// </summary>
internal sealed partial class SwappedResultsDetector : IAnswerDetector
{
    private const double Strength = 2.4;
    private const int MostText = 60;
    private const int MostCalls = 200;
    private const int MostResult = 20_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Result.Text.Length: > 0 and <= MostResult }).Take(MostCalls).Select(OfKeys).FirstOrDefault(static found => found is not null) is { } crossed)
        {
            return [crossed];
        }

        foreach (var calls in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Commands.Count: 0, Arguments.Value.ValueKind: JsonValueKind.Object, Result.Text.Length: > 0 and <= MostResult } && !ToolWords.Writes(tool.Tool))
            .Take(MostCalls).GroupBy(static tool => tool.Tool))
        {
            if (calls.ToList() is [var first, var second] && Subjects(first, second) is { } subjects && (OfResults(first, second, subjects) ?? OfAnswer(run, first, second, subjects)) is { } finding)
            {
                return [finding];
            }
        }

        return [];
    }

    // Records under the ids of each other: each holds a record whose own id is that of another one of the same list.
    private static Finding? OfKeys(ToolStep tool)
    {
        foreach (var list in ResultValue.In(tool, tool.Result!.Value).Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is > 1 and <= 100))
        {
            List<(string Outer, string Inner)> pairs = [];
            foreach (var item in list.Value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object))
            {
                foreach (var outer in item.EnumerateObject().Where(static member => IsId(member)))
                {
                    foreach (var body in item.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Object))
                    {
                        pairs.AddRange(body.Value.EnumerateObject().Where(inner => IsId(inner) && ToolWords.Of(inner.Name).SequenceEqual(ToolWords.Of(outer.Name))).Select(inner => (outer.Value.ToString(), inner.Value.ToString())));
                    }
                }
            }

            if (pairs.Count == list.Value.GetArrayLength() && pairs.FindAll(static pair => pair.Outer != pair.Inner) is { Count: > 1 } crossed
                && pairs.Select(static pair => pair.Outer).ToHashSet(StringComparer.Ordinal).SetEquals(pairs.Select(static pair => pair.Inner)) && pairs.DistinctBy(static pair => pair.Outer).Count() == pairs.Count)
            {
                var (name, first) = (StepFindings.Say(tool), crossed[0]);
                return StepFindings.At(
                    tool, "swapped_results", "misread_result", Proof.Causal, Strength,
                    Words.Invariant($"{name} gave{Words.At(tool.Node.EndNs)} {Words.Count(crossed.Count, "record")} of {pairs.Count} under the id of another one: under {Words.Short(first.Outer, 40)} stands the record of {Words.Short(first.Inner, 40)}."),
                    [tool.Result!.Say($"The record under {Words.Short(first.Outer, 40)} says that it is of {Words.Short(first.Inner, 40)}.", list.Pointer, first.Inner)],
                    $"Have {name} put each answer under the id that it was asked with, and not in the order in which the answers come.", "swapped_results", explains: tool.Asker is null ? [] : [tool.Asker]);
            }
        }

        return null;
    }

    private static bool IsId(JsonProperty member) => member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && ToolWords.Of(member.Name) is [.., "id" or "number" or "no" or "sku" or "code" or "key"];

    // The one argument in which the calls differ.
    private static (string First, string Second, string Name)? Subjects(ToolStep first, ToolStep second)
    {
        var (own, others) = (first.Arguments!.Value, second.Arguments!.Value);
        var differing = own.EnumerateObject().Where(member => others.TryGetProperty(member.Name, out var other) && !JsonRules.AreEqual(member.Value, other)).Select(static member => member.Name).ToList();
        return differing is [var name] && own.GetPropertyCount() == others.GetPropertyCount()
            && (own.GetProperty(name), others.GetProperty(name)) is ({ ValueKind: JsonValueKind.String or JsonValueKind.Number } one, { ValueKind: JsonValueKind.String or JsonValueKind.Number } other)
            && (one.ToString(), other.ToString()) is ({ Length: > 2 and <= MostText } left, { Length: > 2 and <= MostText } right)
            && !PlainWords.StandIn(left, right) && !PlainWords.StandIn(right, left) ? (left, right, name) : null;
    }

    // Each names the other's subject and not its own, in calls that were made side by side.
    private static Finding? OfResults(ToolStep first, ToolStep second, (string First, string Second, string Name) subjects)
    {
        if (first.Asker != second.Asker || !PlainWords.StandIn(first.Result!.Text, subjects.Second) || PlainWords.StandIn(first.Result.Text, subjects.First)
            || !PlainWords.StandIn(second.Result!.Text, subjects.First) || PlainWords.StandIn(second.Result.Text, subjects.Second))
        {
            return null;
        }

        var name = StepFindings.Say(first);
        return StepFindings.At(
            first, "swapped_results", "misread_result", Proof.Causal, Strength,
            $"The results of two calls of {name} that were made side by side are exchanged: asked for {Words.Short(subjects.First, 40)} as {Words.Name(subjects.Name)} it answered{Words.At(first.Node.EndNs)} of {Words.Short(subjects.Second, 40)}, and the other way round.",
            [
                first.Arguments!.Say($"It was asked for {Words.Short(subjects.First, 40)}.", JsonPointers.Step(subjects.Name), subjects.First),
                first.Result.Say($"It answered of {Words.Short(subjects.Second, 40)}.", "", subjects.Second),
                second.Result.Say($"The other call, for {Words.Short(subjects.Second, 40)}, was answered of {Words.Short(subjects.First, 40)}.", "", subjects.First),
            ],
            $"Give each result of {name} back under the id of its call, and not in the order in which the calls end.", "swapped_results", explains: [second]);
    }

    // One part of the answer names the first alone with figures that only the second's result has, and another one the other way round.
    private static Finding? OfAnswer(AgentRun run, ToolStep first, ToolStep second, (string First, string Second, string Name) subjects)
    {
        if (run is not { Answering: { } model, Answer: { } answer } || model.Number < second.Number || (first.Result!.Text == second.Result!.Text))
        {
            return null;
        }

        var (ofFirst, ofSecond) = (NumbersIn(first), NumbersIn(second));
        var known = run.Tools.Where(tool => tool != first && tool != second && tool.Number < model.Number && tool.Result is not null).Select(NumbersIn).Any(numbers => numbers.Overlaps(ofFirst) || numbers.Overlaps(ofSecond));
        var common = ofFirst.Intersect(ofSecond).ToList();
        ofFirst.ExceptWith(common);
        ofSecond.ExceptWith(common);
        if (known || ofFirst.Count == 0 || ofSecond.Count == 0)
        {
            return null;
        }

        var parts = Part().Matches(answer.Text).Select(match => (Text: match.Value.Trim(), First: PlainWords.StandIn(match.Value, subjects.First), Second: PlainWords.StandIn(match.Value, subjects.Second), Numbers: Quantity.In(match.Value).Select(static one => Math.Abs(one.Value)).ToHashSet()))
            .Where(static part => part.First != part.Second && part.Numbers.Count > 0).ToList();
        var (left, right) = (parts.FindAll(static part => part.First), parts.FindAll(static part => part.Second));
        if (left.Count == 0 || right.Count == 0 || left.Exists(part => part.Numbers.Overlaps(ofFirst)) || right.Exists(part => part.Numbers.Overlaps(ofSecond))
            || left.Find(part => part.Numbers.Overlaps(ofSecond)) is not { Text: { } told } || right.Find(part => part.Numbers.Overlaps(ofFirst)) is not { Text: { } other })
        {
            return null;
        }

        var name = StepFindings.Say(first);
        return StepFindings.At(
            model, "swapped_results", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the figures of {Words.Short(subjects.Second, 40)} as those of {Words.Short(subjects.First, 40)} and the other way round ({StepFindings.Quote(told, 80)}, {StepFindings.Quote(other, 80)}): two results of {name} are exchanged in the answer.",
            [
                answer.Say("What the answer says.", told),
                first.Result.Say($"What {name} returned for {Words.Short(subjects.First, 40)}."),
                second.Result.Say($"What {name} returned for {Words.Short(subjects.Second, 40)}."),
            ],
            $"Have {name} name in each result what it is about, so that figures are not attributed by their order.", "swapped_results", explains: [first, second]);
    }

    private static HashSet<double> NumbersIn(ToolStep tool) => [.. ResultValue.In(tool, tool.Result!.Value).Select(static value => value.Number).OfType<double>()
        .Concat(tool.Result.Value.ValueKind == JsonValueKind.String ? Quantity.In(tool.Result.Text).Select(static one => one.Value) : []).Select(Math.Abs)];

    // A sentence, a line, or a part of one: a comma within a number parts nothing.
    [GeneratedRegex(@"(?>(?!\b(?:and|while|whereas|but)\b)(?>[^.,;\n|]|[.,](?=\d)|(?<=\d)[.](?=\w)))+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Part();
}
