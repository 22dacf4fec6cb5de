using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A number that a model tells of a result and that the result contradicts: so many are available where another number of its records are
/// marked so. Only a mark that the result itself has is counted, so the count is plain.
/// </summary>
internal sealed partial class ContradictedCountDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostValues = 2_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var model in run.Models)
        {
            foreach (var said in model.Said)
            {
                if (Find(run, model, said) is { } finding)
                {
                    findings.Add(finding);
                    break;
                }
            }
        }

        return findings;
    }

    private static Finding? Find(AgentRun run, ModelStep model, Passage said)
    {
        foreach (Match match in Counted().Matches(said.Text))
        {
            var (count, mark) = (int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["mark"].Value.ToLowerInvariant());
            var source = run.Tools.LastOrDefault(tool => tool.Number < model.Number && tool.Result is { Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } && MarksOf(tool.Result.Value, mark) is { All: > 1 });
            if (source is null || MarksOf(source.Result!.Value, mark) is not { } marks)
            {
                continue;
            }

            // A result read later may be about another record; the words must speak of the newest one.
            if (run.Tools.Any(tool => tool.Number > source.Number && tool.Number < model.Number) || marks.Set == count)
            {
                continue;
            }

            return StepFindings.At(
                model, "contradicted_count", "misread_result", Proof.Provenance, Strength,
                Words.Invariant($"{StepFindings.Say(model)} said {StepFindings.Quote(match.Value, 80)}, but {StepFindings.Say(source)} had returned {marks.All} records of which {marks.Set} are marked “{mark}”."),
                [
                    said.Say("What the model said.", match.Value),
                    source.Result.Say(Words.Invariant($"{marks.Set} of {marks.All} records of this result are marked “{mark}”."), marks.Pointer),
                ],
                $"Let code count: have {StepFindings.Say(source)} return the number of records that are {mark}, or give the model a tool that counts.", "contradicted_count");
        }

        return null;
    }

    // The largest collection whose records all carry the mark as true or false.
    private static (int All, int Set, string Pointer)? MarksOf(JsonElement value, string mark)
    {
        (int All, int Set, string Pointer)? best = null;
        var open = new Queue<(JsonElement Value, string Pointer)>([(value, "")]);
        for (var seen = 0; seen < MostValues && open.TryDequeue(out var at); seen++)
        {
            var items = at.Value.ValueKind switch
            {
                JsonValueKind.Array => at.Value.EnumerateArray().Select((item, index) => (Item: item, Step: Words.Invariant($"/{index}"))).ToList(),
                JsonValueKind.Object => at.Value.EnumerateObject().Select(member => (Item: member.Value, Step: JsonPointers.Step(member.Name))).ToList(),
                _ => [],
            };
            var marked = items.Where(item => item.Item.ValueKind == JsonValueKind.Object && item.Item.TryGetProperty(mark, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False).ToList();
            if (marked.Count > 1 && marked.Count == items.Count && (best is null || marked.Count > best.Value.All))
            {
                best = (marked.Count, marked.Count(item => item.Item.GetProperty(mark).ValueKind == JsonValueKind.True), at.Pointer);
            }

            foreach (var (item, step) in items)
            {
                open.Enqueue((item, at.Pointer + step));
            }
        }

        return best;
    }

    [GeneratedRegex(@"\b(?<!\$|€|£|#|[\d.,-])(?<count>\d{1,4})\s+(?:\*{0,2})(?<mark>available|active|open|enabled|delivered|pending|approved|valid)\b(?:\*{0,2})(?:\s+[\w'’-]+){1,3}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Counted();
}
