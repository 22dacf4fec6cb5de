using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Something that was booked or bought at a price above the limit that the user had set, as the record that a search had listed says.</summary>
internal sealed partial class ExceededLimitDetector : IDetector
{
    private const double Strength = 2.4;
    private static readonly string[] Taking = ["book", "order", "buy", "purchase", "reserve", "rent", "hire", "subscribe", "select", "checkout", "cart", "basket", "add", "place", "make", "hold"];
    private static readonly string[] NoTaking = ["cancel", "refund", "return", "remove", "delete", "change", "modify", "update", "reschedule", "review", "release", "unsubscribe", "confirm"];
    private static readonly string[] Prices = ["price", "rate", "cost", "fare", "fee", "total", "amount", "rent"];

    // What a price is for, as people say it and as tools call it.
    private static readonly (string Basis, string[] Keys)[] Bases =
    [
        ("night", ["night", "nightly", "nights"]), ("person", ["person", "guest", "passenger", "head", "pax"]), ("day", ["day", "daily"]), ("month", ["month", "monthly"]), ("hour", ["hour", "hourly"]), ("unit", ["unit", "each", "piece", "item"]),
        ("week", ["week", "weekly"]), ("year", ["year", "yearly", "annual"]),
    ];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !Changes.Reads(call.Tool) && ToolWords.Of(call.Tool) is var words && words.Any(static word => Array.IndexOf(Taking, word) >= 0) && !words.Any(static word => Array.IndexOf(NoTaking, word) >= 0)))
        {
            var limits = Changes.SaidBefore(run, call).SelectMany(static text => LimitsIn(text.Text).Select(limit => (Limit: limit, Text: text))).ToList();
            if (limits.DistinctBy(static one => (one.Limit.Value, one.Limit.Basis)).ToList() is not [var (limit, user)])
            {
                continue;
            }

            foreach (var given in Changes.GivenTo(call).Where(static value => value.Value.ToString().Length is > 0 and <= 80 && ToolWords.Of(value.Name) is [.., "id" or "ids" or "sku" or "code" or "number" or "ref" or "reference" or "offer" or "item" or "key"]))
            {
                if (PriceOf(run, call, given, limit) is { } price && !Changes.HasUserSpoken(run, price.Source, call))
                {
                    return [Describe(run, call, given, price, limit, user)];
                }
            }
        }

        return [];
    }

    private sealed record Limit(double Value, string? Unit, string? Basis, string Text);

    private static IEnumerable<Limit> LimitsIn(string text)
    {
        foreach (var match in Most().Matches(text).Concat(OrLess().Matches(text)))
        {
            var basis = BasisOf(match.Groups["per"].Value + match.Groups["before"].Value);
            var unit = Quantity.UnitOf(match.Groups["sign"].Value) ?? Quantity.UnitOf(match.Groups["unit"].Value) ?? (match.Groups["unit"].Value is "円" ? "JPY" : match.Groups["unit"].Value is "元" ? "CNY" : null);

            // Without a currency and without what it is for, it may be one of anything: at most two stops.
            if (Quantity.TryNumber(match.Groups["number"].Value.TrimEnd('.', ','), out var value) && value > 0 && (unit is null ? basis is not null && match.Groups["unit"].Length == 0 : Quantity.FamilyOf(unit) == "money"))
            {
                yield return new Limit(value, unit, basis, match.Value.Trim());
            }
        }
    }

    private static string? BasisOf(string words)
    {
        var match = Basis().Match(words);
        return !match.Success ? null : match.Groups.Keys.FirstOrDefault(key => !char.IsAsciiDigit(key[0]) && match.Groups[key].Success);
    }

    // The price of the record whose id was given: what it costs for what the limit is for, or, where the limit is one of all, anything that it costs.
    private static ResultValue? PriceOf(AgentRun run, ToolStep call, ResultValue given, Limit limit)
    {
        var id = given.Value.ToString();
        foreach (var lookup in Changes.LookupsBefore(run, call))
        {
            var values = ResultValue.In(lookup, lookup.Result!.Value);
            var rows = values.FindAll(value => value.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && value.Value.ToString() == id && value.Parent.ValueKind == JsonValueKind.Object && ToolWords.Of(value.Name) is [.., "id" or "sku" or "code" or "number" or "ref" or "reference" or "offer" or "key"]);
            if (rows.Count == 0)
            {
                continue;
            }

            if (rows is not [var row])
            {
                return null;
            }

            var at = row.Pointer[..row.Pointer.LastIndexOf('/')];
            var prices = values.FindAll(value => value.Number is > 0 && value.Pointer.StartsWith(at + "/", StringComparison.Ordinal) && value.Pointer.LastIndexOf('/') == at.Length && IsPrice(value, limit));
            var money = values.Find(static value => value.Name is "currency" && value.Value.ValueKind == JsonValueKind.String)?.Value.GetString() is { } code ? Quantity.UnitOf(code) : null;

            // A budget is for all of it; any other limit without a word for what it is for may be for the least of them.
            var whole = limit.Basis is null && Whole().IsMatch(limit.Text) ? prices.FindAll(static value => ToolWords.Of(value.Name).Contains("total")) : [];
            prices = whole.Count > 0 ? whole : limit.Basis is null ? [.. prices.OrderBy(static value => value.Number).Take(1)] : prices;
            return prices is [var price] && price.Number > limit.Value && (limit.Unit is null || (price.Unit ?? money) is not { } unit || !Quantity.Contradict(unit, limit.Unit)) ? price : null;
        }

        return null;
    }

    private static bool IsPrice(ResultValue value, Limit limit)
    {
        var words = ToolWords.Of(value.Name);
        if ((!words.Any(static word => Array.IndexOf(Prices, word) >= 0) && !words.Contains("nightly")) || words.Any(static word => word is "cents" or "minor" or "original" or "old" or "list" or "regular" or "max" or "rating" or "deposit" or "tax" or "cancellation" or "success"))
        {
            return false;
        }

        var keys = limit.Basis is null ? null : Array.Find(Bases, basis => basis.Basis == limit.Basis).Keys;
        return keys is null ? !words.Contains("per") || words.Any(static word => word is "night" or "person" or "unit" or "day") : words.Any(word => Array.IndexOf(keys, word) >= 0) || (limit.Basis == "unit" && words is ["price"]);
    }

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue given, ResultValue price, Limit limit, Passage user)
    {
        var (name, source) = (StepFindings.Say(call), StepFindings.Say(price.Source));
        var id = Words.Short(given.Value.ToString(), 60);
        return StepFindings.At(
            call.Asker!, "exceeded_limit", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} with {id} as {Words.Name(given.Name)}, for which {source} had listed {price.Value} as {Words.Name(price.Name)}; the user had set a limit ({StepFindings.Quote(limit.Text, 60)}).",
            [
                call.Arguments!.Say($"{name} was given {id}.", given.Pointer, given.Value.ToString()),
                price.Say($"{source} had listed its {Words.Name(price.Name)}."),
                user.Say("What the user had said.", limit.Text),
            ],
            $"Let the search before {name} take the user's limit, and refuse what lies above it.", "exceeded_limit", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"\b(?:at (?:the )?most|no(?:t)? more than|max(?:imum)?\.?(?: of| budget(?: of)?)?|under|below|up to|less than|not exceed(?:ing)?|budget(?: is| of|:)?|höchstens|maximal|max\.|bis zu|unter|nicht (?:mehr|teurer) als|Budget(?: von|:)?|como máximo|máximo(?: de)?|hasta|no más de|menos de|por debajo de|au plus|au maximum|maximum|pas plus de|jusqu['’]à|moins de|al massimo|fino a|non più di|meno di|no máximo|até)\s+(?<sign>US\$|[$€£¥₹]|[A-Z]{3}\s)?\s?(?<number>\d[\d.,]*)(?:\s?(?<unit>€|£|\$|¥|₹|[A-Za-zł]{1,7}\b(?<!\bper|\ba|\bpro|\bpor|\bpar|\beach)))?(?<per>\s*(?:/|per|a|an|each|apiece|pro|por|par|la|le|à la|al|alla|je|cada|chacun\w*|jede\w*)\s?[\p{L}]{0,12}|\s*(?:each|apiece))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Most();

    [GeneratedRegex(@"(?<before>(?:1|一)(?:泊|人|日|個)(?:あたり|当たり|につき)?)?(?<sign>US\$|[$€£¥₹]|\b[A-Z]{3}\s)?\s?(?<![\d.,])(?<number>\d[\d.,]*)\s?(?<unit>円|元|€|£|\$|¥|₹|[A-Za-zł]{1,7}\b(?<!\bper|\ba|\bpro|\bpor|\bpar))?(?<per>\s*(?:/|per|a|pro|por|par|la)\s?[\p{L}]{3,12})?\s*(?:以内|以下|までの|まで(?=で|の|に)|(?:or (?:less|under|below|cheaper)|at (?:the )?most|max(?:imum)?|tops|höchstens|maximal|como máximo|máximo|au (?:plus|maximum)|maximum|al massimo|no máximo)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OrLess();

    [GeneratedRegex(@"\b(?:budget|total|in all|altogether|insgesamt|en tout|en total|in totale)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?<night>night|nacht|noche|nuit|notte|noite|泊)|(?<person>person|head|guest|kopf|gast|persona|personne|tête|人)|(?<month>month|monat|mes\b|mois|mese)|(?<week>week|woche|semana|semaine)|(?<year>year|jahr|año|an\b|anno)|(?<hour>hour|stunde|hora|heure|ora\b)|(?<day>day|tag|día|jour|giorno|日)|(?<unit>each|apiece|unit|piece|item|stück|unidad|pièce|cada|chacun|個)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Basis();
}
