using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An amount of a change that is neither the product nor the quotient of the amount it was converted from and a rate that a result gave.</summary>
internal sealed partial class ConversionDetector : IDetector
{
    private const double Strength = 2.4;
    private const double Tolerance = 0.02;
    private static readonly string[] Money = ["amount", "total", "price", "sum", "value", "cost", "payment", "fare"];
    private static readonly string[] NoExchange = ["tax", "vat", "interest", "hourly", "daily", "nightly", "monthly", "limit", "heart", "success", "error", "conversion", "discount", "room", "occupancy", "click", "pay", "growth", "id", "type", "name", "code", "plan"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !Changes.Reads(call.Tool)))
        {
            var given = Changes.GivenTo(call).Where(static value => value.Number is > 0 && ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Money, word) >= 0)).ToList();
            if (given.Count == 0 || Pair(run, call, given) is not { } pair)
            {
                continue;
            }

            var before = run.Tools.Where(tool => tool.Number < call.Number && tool is { Failure: null, Result: not null }).ToList();
            var values = before.SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).ToList();
            var rates = values.FindAll(static value => IsRate(value.Name) && value.Number is > 0 and not 1);
            if (rates.Count is 0 or > 12 || values.Exists(static value => ToolWords.Of(value.Name).Any(static word => word is "fee" or "fees" or "margin" or "markup" or "commission" or "spread" or "surcharge"))
                || run.SaidByUsers(call.Asker).Concat(run.Instructions).Any(static text => Fees().IsMatch(text.Text)))
            {
                continue;
            }

            if (Fitting(rates, pair.From.Unit!, pair.Into.Unit!) is { Count: > 0 } fitting && !IsMade(pair.From.Number, pair.Into, fitting)
                && !values.Exists(value => value.Number is { } number && KnownNumbers.AreSame(number, pair.Into.Number!.Value)))
            {
                return [Describe(run, call, pair.From, pair.Into, fitting[^1])];
            }
        }

        return [];
    }

    private static bool IsRate(string name) =>
        ToolWords.Of(name) is var words && (words.Contains("rate") || words.Contains("fx") || words.Contains("kurs")) && (words.Any(static word => word is "exchange" or "fx") || !words.Any(static word => Array.IndexOf(NoExchange, word) >= 0));

    private sealed record Amount(double Number, string? Unit, string Text, ResultValue? Value, Passage? Said);

    // Both stand in the call, or one is the only amount of money that the user said.
    private static (Amount From, ResultValue Into)? Pair(AgentRun run, ToolStep call, List<ResultValue> given)
    {
        var money = given.FindAll(static value => value.Unit is { } unit && Quantity.FamilyOf(unit) == "money");
        if (money is [var one, var other] && Quantity.Contradict(one.Unit!, other.Unit!))
        {
            var (from, into) = IsOriginal(one.Name) ? (one, other) : IsOriginal(other.Name) ? (other, one) : (null, null);
            return from is null ? null : (new Amount(from.Number!.Value, from.Unit, from.Value.ToString(), from, null), into!);
        }

        var said = Changes.SaidBefore(run, call).SelectMany(static text => Quantity.In(text.Text).Where(static amount => amount.Unit is { } unit && Quantity.FamilyOf(unit) == "money").Select(amount => (Amount: amount, Text: text))).DistinctBy(static amount => (amount.Amount.Value, amount.Amount.Unit)).ToList();
        return money is [var only] && given.Count == 1 && said is [var user] && !Changes.SaidBefore(run, call).Exists(static text => Parts().IsMatch(text.Text)) && Quantity.Contradict(only.Unit!, user.Amount.Unit!)
            ? (new Amount(user.Amount.Value, user.Amount.Unit, user.Amount.Text, null, user.Text), only) : null;
    }

    private static bool IsOriginal(string name) => ToolWords.Of(name).Any(static word => word is "original" or "source" or "foreign" or "from" or "local");

    // A rate that names its currencies must be of these two.
    private static List<ResultValue> Fitting(List<ResultValue> rates, string from, string into)
    {
        List<ResultValue> fitting = [];
        foreach (var rate in rates)
        {
            var units = rate.Parent.ValueKind == JsonValueKind.Object
                ? rate.Parent.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { Length: 3 } code && code.All(char.IsAsciiLetterUpper)).Select(static member => Quantity.UnitOf(member.Value.GetString()!) ?? "?").Distinct().ToList() : [];
            if (units.Count == 0 || (units.Count >= 2 && units.Contains(from) && units.Contains(into)))
            {
                fitting.Add(rate);
            }
        }

        // Rates of other pairs may be chained.
        return fitting.Count == rates.Count ? fitting : [];
    }

    private static bool IsMade(double from, ResultValue into, List<ResultValue> rates)
    {
        var made = into.Number!.Value;
        var isMinor = ToolWords.Of(into.Name).Any(static word => word is "cents" or "minor" or "pence" or "ore");
        bool Is(double right) => Math.Abs(made - right) <= (Tolerance * right) + 0.01 || (isMinor && Math.Abs(made - (right * 100)) <= (Tolerance * right * 100) + 1);
        return rates.Exists(rate => Is(from * rate.Number!.Value) || Is(from / rate.Number.Value) || Is(from * rate.Number.Value / 100) || Is(from / rate.Number.Value * 100)) || rates.Exists(one => rates.Exists(other => one != other && (Is(from * one.Number!.Value * other.Number!.Value) || Is(from * one.Number.Value / other.Number.Value))));
    }

    private static Finding Describe(AgentRun run, ToolStep call, Amount from, ResultValue into, ResultValue rate)
    {
        var (name, source) = (StepFindings.Say(call), StepFindings.Say(rate.Source));
        var (given, number) = ($"{Words.Short(into.Value.ToString(), 40)} {into.Unit}", rate.Number!.Value);
        var original = from.Value is null ? StepFindings.Quote(from.Text, 40) : $"{Words.Short(from.Text, 40)} {from.Unit}";
        return StepFindings.At(
            call.Asker!, "wrong_conversion", "wrong_argument", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} with {given} as {Words.Name(into.Name)} for {original}, which the rate {rate.Value} of {source} makes neither way ({from.Number * number:0.##} or {from.Number / number:0.##})."),
            [
                call.Arguments!.Say($"{name} was given {given}.", into.Pointer, into.Value.ToString()),
                from.Value is { } other ? call.Arguments.Say($"It was given {original}.", other.Pointer, other.Value.ToString()) : from.Said!.Say("What the user had said.", from.Text),
                rate.Say($"{source} had returned this rate."),
            ],
            $"Let {name} convert the amount itself, or convert it in code before the call.", "wrong_conversion", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    // A part of it, or more than it, is to be converted.
    [GeneratedRegex(@"%|\b(?:half|third|quarter|share|split|tips?|percent|plus|minus|less|add|each|per|discount|deposit|twice|double|rest|remaining|part|Hälfte|Drittel|Viertel|Anteil|Trinkgeld|Prozent|zuzüglich|abzüglich|jeweils|mitad|tercio|propina|más|menos|parte|moitié|tiers|quart|pourboire|metà|mancia)\b|半", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\b(?:fees?|margin|mark-?up|commission|surcharge|spread|Gebühr\w*|Aufschlag|Provision|frais|comisi[óo]n\w*|recargo|commissione)\b|手数料", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fees();
}
