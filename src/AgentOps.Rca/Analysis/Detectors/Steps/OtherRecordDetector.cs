using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A result about another record than was asked for: the member that names the record in the arguments has another value wherever the result has it, and what was asked for occurs nowhere in
/// the result.
/// </summary>
internal sealed partial class OtherRecordDetector : IDetector
{
    private const double Strength = 2.4;
    private const double Hint = 0.4;
    private const int MostValues = 500;
    private const int FewestLetters = 3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var tool in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Commands.Count: 0, Arguments.Value.ValueKind: JsonValueKind.Object, Result.Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array }
            && !ToolWords.Writes(tool.Tool)))
        {
            if (!findings.Exists(known => known.Tool == tool.Node.Tool) && OtherOf(tool) is { } other
                && !run.Tools.Any(later => later.Number > tool.Number && later.Tool == tool.Tool && later.Failure is null && later.Arguments?.Key == tool.Arguments!.Key && OtherOf(later) is null))
            {
                findings.Add(Describe(run, tool, other));
            }
        }

        return findings;
    }

    private static Other? OtherOf(ToolStep tool)
    {
        var result = new Lazy<string>(() => Plain(tool.Result!.Text));
        foreach (var asked in tool.Arguments!.Value.EnumerateObject().Where(static member => Names().IsMatch(member.Name) && !IsOfTheCall().IsMatch(Requested().Replace(member.Name, ""))))
        {
            var value = asked.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? Plain(asked.Value.ToString()) : "";
            var name = Requested().Replace(asked.Name, "");
            if (value.Length >= FewestLetters && value.Any(char.IsAsciiDigit)
                && Found(tool.Result!.Value, name) is { Count: > 0 } found && found.TrueForAll(member => Shape(asked.Value) == Shape(member.Value) && (name is not "id" || Kind(asked.Value) == Kind(member.Value)) && Differ(value, Plain(member.Value.ToString()))) && !result.Value.Contains(value, StringComparison.OrdinalIgnoreCase))
            {
                return new Other(asked.Name, asked.Value, found[0].Value, found[0].Pointer);
            }
        }

        return null;
    }

    // C-7 is also C-0007, and a number may stand with its country's code.
    private static bool Differ(string asked, string returned) =>
        returned.Length > 0 && !returned.Contains(asked, StringComparison.OrdinalIgnoreCase) && !asked.Contains(returned, StringComparison.OrdinalIgnoreCase)
        && (Digits(asked) is not { Length: > 0 } digits || Digits(returned) is not { Length: > 0 } others || (!digits.EndsWith(others, StringComparison.Ordinal) && !others.EndsWith(digits, StringComparison.Ordinal)));

    // Members of this name, and the id of an object of this name: order_id is also the id in "order", and in each of "orders".
    private static List<(JsonElement Value, string Pointer)> Found(JsonElement result, string name)
    {
        List<(JsonElement Value, string Pointer)> found = [];
        var open = new Queue<(string Owner, JsonElement Value, string Pointer)>([("", result, "")]);
        for (var i = 0; i < MostValues && open.TryDequeue(out var at); i++)
        {
            if (at.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in at.Value.EnumerateObject())
                {
                    var pointer = at.Pointer + JsonPointers.Step(member.Name);
                    if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    {
                        open.Enqueue((member.Name, member.Value, pointer));
                    }
                    else if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && (IsSame(member.Name, name) || (member.Name is "id" or "number" && IsSame(at.Owner.TrimEnd('s') + "_" + member.Name, name))))
                    {
                        found.Add((member.Value, pointer));
                    }
                }
            }
            else
            {
                var index = 0;
                foreach (var item in at.Value.EnumerateArray())
                {
                    if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    {
                        open.Enqueue((at.Owner, item, Words.Invariant($"{at.Pointer}/{index}")));
                    }

                    index++;
                }
            }
        }

        return found;
    }

    private static bool IsSame(string left, string right) => Plain(left).Equals(Plain(right), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string text) => string.Concat(text.Where(char.IsLetterOrDigit));

    // Names of another kind, such as a number for who was asked for by mail, say nothing.
    private static string Shape(JsonElement value) => Letters().Replace(Numbers().Replace(value.ToString(), "0"), "a");

    // C-3301 is a customer and T-551 is none: what is simply called an id may be that of what was made.
    private static string Kind(JsonElement value) => Letters().Match(value.ToString()) is { Success: true, Index: 0 } kind ? kind.Value.ToUpperInvariant() : "";

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\p{L}+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Letters();

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit)).TrimStart('0');

    private static Finding Describe(AgentRun run, ToolStep tool, Other other)
    {
        var name = StepFindings.Say(tool);
        var (asked, returned) = (StepFindings.Quote(other.Asked.ToString(), 60), StepFindings.Quote(other.Returned.ToString(), 60));
        List<Fact> facts =
        [
            tool.Arguments!.Say($"{name} was asked for {asked}{Words.At(tool.Node.StartNs)}.", JsonPointers.Step(other.AskedName)),
            tool.Result!.Say($"It returned {returned}{Words.At(tool.Node.EndNs)}.", other.Pointer),
        ];

        // An answer that says so has taken it into account.
        var isTold = run.Answer is { } answer && AnswerSigns.Of(answer.Text) == AnswerSign.Failure;
        return StepFindings.At(
            tool, "other_record", "wrong_record", isTold ? Proof.Hint : Proof.Causal, isTold ? Hint : Strength,
            $"{name} was asked for {asked} as {other.AskedName} and returned what belongs to {returned}{Words.At(tool.Node.EndNs)}; what was asked for occurs nowhere in its result.",
            facts, $"Find out why {name} looks up another record than it is asked for, and have its caller compare {other.AskedName} before it uses the result.", "other_record");
    }

    [GeneratedRegex(@"(?:^|_|(?<=[a-z])(?=I))(?:id|ids?_?number|number|no|code|sku|iban|isin|ticker|symbol|email|phone|key|ref|reference|order|account|invoice|ticket|booking|tracking|version)$|Id$|Number$|Code$|Key$|Ref$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"request|trace|session|conversation|correlation|message|thread|run_?id|call_?id|cursor|page|idempotency|nonce|api|access|zip|post|status|country|lang|currency", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IsOfTheCall();

    [GeneratedRegex(@"^(?:requested|asked|wanted|target|for)_", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Requested();

    private sealed record Other(string AskedName, JsonElement Asked, JsonElement Returned, string Pointer);
}
