using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A number that a model gives to a tool which changes something, and that the results contradict: the same amount in another currency or unit,
/// or another number under the name that all results give one value. Or the users said it in another unit, or a document in another currency, and nothing
/// else in the run has it.
/// </summary>
internal sealed partial class ContradictedArgumentDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostText = 200_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Quantity>? said = null;
        var (earlier, values) = (new EarlierResults(run), new List<ResultValue>());
        foreach (var call in run.Tools.Where(tool => tool is { IsHandoff: false, Arguments.Value.ValueKind: JsonValueKind.Object } && (ToolWords.Writes(tool.Tool) || (!MethodVersion.IsBefore(5) && Changes.Makes(tool.Tool)))))
        {
            values.AddRange(earlier.ReadTo(call));
            said ??= [.. run.Models.SelectMany(model => model.Input).Where(message => message.Role is "user" or "system").SelectMany(message => message.Texts).SelectMany(text => Quantity.In(text.Text))];
            foreach (var given in ResultValue.In(call, call.Arguments!.Value).Where(value => value.Number is not null))
            {
                if (values.Count > 0 && Contradicted(given, values, said) is { } found)
                {
                    return [Describe(call, given, found.Value, found.What)];
                }

                if (!MethodVersion.IsBefore(5) && (OfUsers(run, call, given, values, said) ?? OfDocument(run, call, given)) is { } finding)
                {
                    return [finding];
                }
            }
        }

        return [];
    }

    private static (ResultValue Value, string What)? Contradicted(ResultValue given, List<ResultValue> values, List<Quantity> said)
    {
        var quantity = new Quantity(given.Number!.Value, given.Unit, given.Value.ToString(), 0);
        if (ContradictedValueDetector.OfUnit(quantity, values, said) is { } unit)
        {
            return unit;
        }

        var named = values.Where(value => value.Number is not null && ToolWords.Of(value.Name).SequenceEqual(ToolWords.Of(given.Name))).ToList();
        return given.Value.ValueKind == JsonValueKind.Number && given.Label.Count > 0 && Math.Abs(quantity.Value) >= 10 && ContradictedValueDetector.IsMeasured(given)
            && named.Count > 0 && named.Select(value => value.Number!.Value).Distinct().Count() == 1 && !KnownNumbers.Explain(quantity, values, said)
            ? (named[^1], $"as {Words.Short(named[^1].Name, 40)}") : null;
    }

    [GeneratedRegex(@"\b(?:convert\w*|exchange\w*|in(?:to)? (?:euros?|dollars?|francs?|pounds?|yen|[A-Z]{3}|celsius|fahrenheit|kilometers?|miles?|kilograms?|pounds?)|umrechn\w*|umgerechnet|convert\w*|converti\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Converts();

    // The same number, and all who say it in the run say another unit: 70 °F became 70 °C.
    private static Finding? OfUsers(AgentRun run, ToolStep call, ResultValue given, List<ResultValue> values, List<Quantity> said)
    {
        if (call.Asker is not { } asker || given.Unit is not { } unit || given.Number is not { } number
            || said.FindAll(other => KnownNumbers.AreSame(other.Value, number)) is not { Count: > 0 } same || !same.TrueForAll(other => other.Unit is { } own && Quantity.Contradict(own, unit))
            || values.Exists(value => value.Number is { } other && KnownNumbers.AreSame(other, number))
            || (!MethodVersion.IsBefore(5) && run.SaidByUsers(asker).Any(text => text.Text.Contains(unit, StringComparison.OrdinalIgnoreCase) && Converts().IsMatch(text.Text)))
            || run.SaidByUsers(asker).LastOrDefault(text => text.Text.Contains(same[^1].Text, StringComparison.Ordinal)) is not { } words)
        {
            return null;
        }

        return StepFindings.At(
            asker, "contradicted_argument", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Number(given)} as {Words.Name(given.Name)}, but the user had said {StepFindings.Quote(same[^1].Text, 40)}, and nothing else in the run says {Number(given)}.",
            [
                call.Call?.Place.Say($"{StepFindings.Say(asker)} asks for {StepFindings.Say(call)}.") ?? new Fact(asker.Node.SpanId, $"{StepFindings.Say(asker)} asked for {StepFindings.Say(call)}.", "/tool"),
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {Number(given)}.", given.Pointer, given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString() : given.Value.GetRawText()),
                words.Say("What the user had said.", same[^1].Text),
            ],
            $"Convert units in code before {StepFindings.Say(call)} is called, or let it take the unit beside the number.", "contradicted_argument", explains: [call]);
    }

    // A text that was read says the amount in another currency, and so does all else that says it.
    private static Finding? OfDocument(AgentRun run, ToolStep call, ResultValue given)
    {
        if (call is not { Asker: { } asker, Failure: null } || given.Unit is not { } unit || Quantity.FamilyOf(unit) != "money" || given.Number is not >= 1)
        {
            return null;
        }

        var users = run.SaidByUsers(asker).Concat(run.Instructions).ToList();
        (ToolStep Source, Quantity Amount)? found = null;
        foreach (var (source, amount) in users.Select(text => (Source: (ToolStep?)null, Amounts: AmountsIn(text.Text)))
            .Concat(run.Tools.Where(tool => tool.Number < call.Number && tool is { Failure: null, Result.Text.Length: <= MostText }).SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value).Select(value => (Source: (ToolStep?)tool, Amounts: AmountsIn(value)))))
            .SelectMany(static from => from.Amounts.Select(amount => (from.Source, amount))).Where(from => KnownNumbers.AreSame(from.amount.Value, given.Number.Value)))
        {
            if (amount.Unit is not { } other || !Quantity.Contradict(other, unit))
            {
                return null;
            }

            found = source is null ? found : (source, amount);
        }

        // Who names the currency may want it paid in that one.
        if (found is not { } document || users.Exists(text => Word().Matches(text.Text).Any(word => Quantity.UnitOf(word.Value) == unit)))
        {
            return null;
        }

        var name = StepFindings.Say(document.Source);
        return StepFindings.At(
            asker, "contradicted_argument", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Number(given)} as {Words.Name(given.Name)}, but {name} had returned {StepFindings.Quote(document.Amount.Text, 40)}, and nothing else in the run says {Number(given)}.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {Number(given)}.", given.Pointer, given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString() : given.Value.GetRawText()),
                document.Source.Result!.Say($"{name} returned it in {document.Amount.Unit}.", "", document.Amount.Text),
            ],
            $"Have {StepFindings.Say(call)} check amounts and currencies against the document that they come from.", "contradicted_argument", explains: [call]);
    }

    // What stands after other digits is the end of a number that is written with spaces.
    private static IEnumerable<Quantity> AmountsIn(string text) => Quantity.In(text).Where(one => one.Index < 2 || !char.IsWhiteSpace(text[one.Index - 1]) || !char.IsAsciiDigit(text[one.Index - 2]));

    private static IEnumerable<Quantity> AmountsIn(ResultValue value) => value.Value.ValueKind switch
    {
        JsonValueKind.Number when value.Number is { } number => [new Quantity(number, value.Unit, value.Value.GetRawText(), 0)],
        JsonValueKind.String => AmountsIn(value.Value.GetString()!).Select(one => one.Unit is null && value.Unit is { } unit ? one with { Unit = unit } : one),
        _ => [],
    };

    private static string Number(ResultValue given) =>
        Words.Short(given.Value.ToString(), 40) + (given.Unit is { } unit && !given.Value.ToString().Contains(unit, StringComparison.OrdinalIgnoreCase) ? " " + unit : "");

    private static Finding Describe(ToolStep call, ResultValue given, ResultValue value, string what)
    {
        var (asker, source) = ((AgentStep?)call.Asker ?? call, StepFindings.Say(value.Source));
        var number = Number(given);
        return StepFindings.At(
            asker, "contradicted_argument", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {number} as {Words.Name(given.Name)}, but {source} had returned {Words.Short(value.Value.ToString(), 40)} {what}, and nothing else in the run says {number}.",
            [
                call.Call?.Place.Say($"{StepFindings.Say(asker)} asks for {StepFindings.Say(call)}.") ?? new Fact(asker.Node.SpanId, $"{StepFindings.Say(asker)} asked for {StepFindings.Say(call)}.", "/tool"),
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {number}.", given.Pointer, given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString() : given.Value.GetRawText()),
                value.Say($"{source} returned it."),
            ],
            $"Have {StepFindings.Say(call)} check amounts, currencies and units against the record that it changes.", "contradicted_argument", explains: [call]);
    }

    [GeneratedRegex(@"[A-Za-z]{2,}|[$€£¥₹]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
