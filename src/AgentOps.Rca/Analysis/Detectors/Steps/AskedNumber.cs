using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// How many or how much the user said with a number that stands alone of its kind, against the only such argument of a change. A number in words has to be
/// understood, so that any other one is wrong; one in figures only where a digit too many, too few or turned round shows that it was copied wrongly.
/// </summary>
internal static partial class AskedNumber
{
    private const int Around = 40;
    private static readonly string[] Counting = ["quantity", "qty", "count", "units", "copies", "pieces", "pcs", "cantidad", "unidades", "quantite", "quantit", "nombre", "menge", "anzahl", "stueckzahl", "aantal", "quantita", "numero", "quantidade", "antall", "antal"];
    private static readonly string[] Money = ["amount", "sum", "total", "price", "value", "budget", "importe", "monto", "valor", "cantidad", "montant", "somme", "betrag", "summe", "importo", "somma", "bedrag", "belop", "refund", "donation", "deposit"];
    private static readonly string[] Setting = ["scale", "set", "resize", "update", "change", "adjust", "configure", "limit", "escala", "ajusta", "setze", "skaliere"];

    /// <summary>How many of something.</summary>
    public static AskedOtherwise? OfCount(AgentRun run, ToolStep call, List<Passage> said)
    {
        if (Setup(run, call, said) is not { } numbers)
        {
            return null;
        }

        foreach (var value in Given(call).Where(static value => value.Number is { } number && number == Math.Floor(number)))
        {
            var (number, words) = (value.Number!.Value, ToolWords.Of(value.Name));

            // "to five replicas" and replicas: 3.
            var named = numbers.FindAll(one => one.Noun.Length > 3 && words.Any(word => Stem(word) == Stem(one.Noun)));
            if (named.DistinctBy(static one => one.Number.Value).ToList() is [var only] && ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Setting, word) >= 0) && only.Number.Value != number && !IsVague(only, isTarget: true)
                && !numbers.Exists(one => one.Number.Value == number) && !SaidAmount.IsSeen(run, call, number) && !IsTold(run, number, only.Number.Value) && !IsOfSaid(said, number))
            {
                return Describe(value, only);
            }

            if (words.Any(static word => Array.IndexOf(Counting, word) >= 0) && Given(call).Count(static other => ToolWords.Of(other.Name).Any(static word => Array.IndexOf(Counting, word) >= 0)) == 1
                && numbers.FindAll(static one => one.Noun.Length > 3 && !IsOfMoney(one)).DistinctBy(static one => one.Number.Value).ToList() is [{ Number.Value: >= 10 } counted] && (counted.Number is { IsSpelled: true, Value: >= 13 } || IsSlip(counted.Number.Value, number)) && IsOther(run, call, said, counted, number))
            {
                return Describe(value, counted);
            }
        }

        return null;
    }

    /// <summary>How much money.</summary>
    public static AskedOtherwise? OfMoney(AgentRun run, ToolStep call, List<Passage> said)
    {
        if (Setup(run, call, said) is not { } numbers || numbers.FindAll(IsOfMoney).DistinctBy(static one => one.Number.Value).ToList() is not [{ Number.Value: >= 10 } user]
            || Given(call).FindAll(static value => ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Money, word) >= 0)) is not [{ Number: { } number } value])
        {
            return null;
        }

        // In cents it is a hundred times as much.
        var own = user.Number.Value;
        return !KnownNumbers.AreSame(number, own * 100) && IsOther(run, call, said, user, number) && (user.Number.IsSpelled || IsSlip(own, number)) ? Describe(value, user) : null;
    }

    private static bool IsSlip(double own, double given) => KnownNumbers.AreSame(own * 10, given) || KnownNumbers.AreSame(own, given * 10)
        || (own >= 10 && own < given * 10 && given < own * 10 && own != given && Digits(own).Order().SequenceEqual(Digits(given).Order()));

    private static string Digits(double number) => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private static List<Counted>? Setup(AgentRun run, ToolStep call, List<Passage> said) =>
        run.Tools.Any(other => other != call && other.Tool == call.Tool && other.Failure is null) || said.Exists(static text => Parts().IsMatch(text.Text)) ? null
            : [.. said.SelectMany(static text => NumbersIn(text.Text).Select(number => new Counted(number, text, NounOf(text.Text, number))))];

    // Those of a day or a time count nothing.
    private static IEnumerable<SpelledNumber> NumbersIn(string text)
    {
        List<(int Index, int Length)> taken = [.. SaidDay.InAnyLanguage(text).Select(static day => (day.Index, day.Text.Length)), .. SaidClock.In(text).Select(static clock => (clock.Index, clock.Text.Length))];
        return SpelledNumber.In(text).Where(number => !taken.Exists(one => number.Index < one.Index + one.Length && one.Index < number.Index + number.Text.Length));
    }

    private static bool IsOther(AgentRun run, ToolStep call, List<Passage> said, Counted user, double number) =>
        number != user.Number.Value && !IsVague(user, isTarget: false) && !SaidAmount.IsSeen(run, call, number) && !SaidAmount.IsComputed(run, call, number, said, user.Number.Value)
        && !IsOfSaid(said, number) && !Sentences.In(user.Text.Text).Any(sentence => sentence.Contains(user.Number.Text, StringComparison.Ordinal) && UserTurns.IsTold(sentence)) && !IsTold(run, number, user.Number.Value);

    // Said elsewhere, or made of what was said.
    private static bool IsOfSaid(List<Passage> said, double number)
    {
        var all = said.SelectMany(static text => SpelledNumber.In(text.Text)).Select(static one => one.Value).Distinct().ToList();
        return all.Exists(one => KnownNumbers.AreSame(one, number) || all.Exists(other => one != other && (KnownNumbers.AreSame(one - other, number) || KnownNumbers.AreSame(one + other, number) || KnownNumbers.AreSame(one * other, number))));
    }

    // The answer that says both tells why.
    private static bool IsTold(AgentRun run, double number, double own) =>
        run.Answer is { } answer && SpelledNumber.In(answer.Text) is var told && told.Exists(one => KnownNumbers.AreSame(one.Value, number)) && told.Exists(one => KnownNumbers.AreSame(one.Value, own));

    private static List<ResultValue> Given(ToolStep call) => [.. Changes.GivenTo(call).Where(static value => value.Value.ValueKind == JsonValueKind.Number && value.Number is > 0)];

    private static bool IsOfMoney(Counted one) => Currency().IsMatch(one.After) || BeforeMoney().IsMatch(one.Before);

    private static bool IsVague(Counted one, bool isTarget) => Vague().IsMatch(one.Before) || (!isTarget && Towards().IsMatch(one.Before)) || Onwards().IsMatch(one.After);

    private static string NounOf(string text, SpelledNumber number) => Noun().Match(text, Math.Min(text.Length, number.Index + number.Text.Length)) is { Success: true } noun ? noun.Groups["noun"].Value : "";

    private static string Stem(string word) => PlainWords.Of(word).Trim() is { Length: > 4 } plain ? plain.TrimEnd('s', 'n', 'e') : word.ToLowerInvariant();

    private static AskedOtherwise Describe(ResultValue value, Counted user)
    {
        var end = user.Number.Index + user.Number.Text.Length;
        end += Currency().Match(user.After) is { Success: true } currency ? currency.Length : Noun().Match(user.Text.Text, end) is { Success: true } noun ? noun.Length : 0;
        var words = user.Text.Text[user.Number.Index..end];
        return new AskedOtherwise(value, value.Value.GetRawText(), user.Text, words,
            user.Number.IsSpelled && user.Number.Value >= 13 ? Evidence.Words.Invariant($", which is {user.Number.Value:0.##}, and nothing in the run says the other number") : ", and nothing in the run says the other number");
    }

    /// <summary>A number of a text, and what stands around it.</summary>
    private sealed record Counted(SpelledNumber Number, Passage Text, string Noun)
    {
        public string Before => Text.Text[Math.Max(0, Number.Index - Around)..Number.Index];

        public string After => Text.Text[Math.Min(Text.Text.Length, Number.Index + Number.Text.Length)..Math.Min(Text.Text.Length, Number.Index + Number.Text.Length + Around)];
    }

    [GeneratedRegex(@"\G\s+(?:(?:of|de|di|the|new|more)\s+)?(?<noun>\p{L}{3,})", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Noun();

    [GeneratedRegex(@"^\s*(?:(?:de|d['’]|di|of|Mio\.?|US|Swiss|British|australische?\w*|Schweizer)\s*)?(?:€|\$|£|¥|円|元|(?:usd|eur|chf|gbp|jpy|sek|nok|dkk|pln|euros?)\b|dollars?\b|d[óo]lares\b|pounds?\b|libras\b|francs?\b|Franken\b|pesos?\b|reais\b|real\b|yen\b|kroner\b|kronor\b|rupees?\b|yuan\b|soles\b|dollari\b|franchi\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Currency();

    [GeneratedRegex(@"(?:[€$£¥]|\b(?:USD|EUR|CHF|GBP|JPY|SEK|NOK|DKK|PLN|R\$))\s*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BeforeMoney();

    // Of several, of a part or on top of something: another number may follow from it.
    [GeneratedRegex(@"\b(?:each|apiece|per(?! (?:la|il|lo|le|gli|i|un|una|favore)\b)|every|split|half|halves|share|double|twice|percent|dozens?|packs?|boxes|cases|crates|pairs|discount|fee|tax|VAT|more than|each of|je|pro|jeweils|Hälfte|halb\w*|doppelt\w*|Prozent|Dutzend|Kartons?|chacune?|par|moitié|double|pour cent|douzaines?|cada|mitad|doble|por ciento|docenas?|cajas|ciascun\w*|metà|doppio|per cento|dozzin\w*|metade|dobro|dúzias?|elk|helft|dozijn|dozen)\b|%|各|毎|半分|割", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parts();

    [GeneratedRegex(@"(?:\b(?:up to|at (?:most|least)|no more than|more than|less than|fewer than|under|over|above|below|between|from|about|around|roughly|approximately|almost|nearly|max(?:imum)?|min(?:imum)?|another|additional|extra|first|last|next|top|than|within|after|before|by|not|instead of|was|were|had|or|and|minus|plus|bis|höchstens|mindestens|etwa|ungefähr|rund|mehr als|über|unter|zwischen|weitere|noch|jusqu.{0,6}|au (?:plus|moins)|environ|plus de|moins de|entre|hasta|como máximo|al menos|unos|unas|más de|menos de|fino a|circa|più di|meno di|tra|até|cerca de|mais de|menos de|tot|ongeveer|meer dan|minder dan)\s*(?:of |the |de |die |les |los |las |an? |only )*|[-–~+*x×]\s*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Vague();

    [GeneratedRegex(@"\b(?:to|auf|à|a)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Towards();

    [GeneratedRegex(@"^\s*(?:[-–]\s*\d|(?:or|oder|ou|o|to|bis|à|a)\s+\d|\S+\s+(?:or (?:more|less|fewer|so)|ago|more|less|additional|extra)\b|以上|以下|以内|程度|くらい)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Onwards();
}
