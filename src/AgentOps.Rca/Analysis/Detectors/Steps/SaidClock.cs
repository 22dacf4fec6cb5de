using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A time of the day in a text, in figures or in words: 15:45, 3 pm, halb acht, kwart voor vier, las cuatro y media, 3時半.</summary>
/// <param name="Minutes">Minutes since midnight, or since noon where that is not said.</param>
/// <param name="IsHalfKnown">Whether the half of the day is said.</param>
/// <param name="Text">How it is written.</param>
/// <param name="Index">Where it begins.</param>
internal sealed partial record SaidClock(int Minutes, bool IsHalfKnown, string Text, int Index)
{
    private const int HalfDay = 720;
    private const int MostText = 20_000;
    private const string Number = @"(?<h>\d{1,2}|\p{L}+)";

    private static readonly string[][] Hours =
    [
        ["zwolf", "twaalf", "douze", "doce", "dodici", "doze", "twelve", "tolv", "midi", "noon", "mittag"], ["one", "ein", "eins", "een", "une", "una", "uma", "ett"], ["two", "zwei", "twee", "deux", "dos", "due", "duas", "to", "tva"],
        ["three", "drei", "drie", "trois", "tres", "tre"], ["four", "vier", "quatre", "cuatro", "quattro", "quatro", "fire", "fyra"], ["five", "funf", "vijf", "cinq", "cinco", "cinque", "fem"],
        ["six", "sechs", "zes", "seis", "sei", "seks", "sex"], ["seven", "sieben", "zeven", "sept", "siete", "sette", "sete", "sju", "syv"], ["eight", "acht", "huit", "ocho", "otto", "oito", "atte", "otte", "atta"],
        ["nine", "neun", "negen", "neuf", "nueve", "nove", "ni", "nio"], ["ten", "zehn", "tien", "dix", "diez", "dieci", "dez", "ti", "tio"], ["eleven", "elf", "onze", "once", "undici", "elleve", "elva"],
    ];

    private static readonly (string Word, int Minutes)[] Parts =
    [
        ("five", 5), ("ten", 10), ("twenty", 20), ("funf", 5), ("zehn", 10), ("zwanzig", 20), ("vijf", 5), ("tien", 10), ("twintig", 20), ("cinq", 5), ("dix", 10), ("vingt", 20),
        ("cinco", 5), ("diez", 10), ("veinte", 20), ("dez", 10), ("vinte", 20), ("cinque", 5), ("dieci", 10), ("venti", 20), ("quinze", 15),
    ];

    /// <summary>The times in a text, in its order.</summary>
    public static IEnumerable<SaidClock> In(string text) => text.Length > MostText ? [] : Clock().Matches(text).Select(Of).OfType<SaidClock>();

    /// <summary>Whether it may be this time, in minutes since midnight.</summary>
    public bool IsSame(int minutes) => IsHalfKnown ? Minutes == minutes : Minutes % HalfDay == minutes % HalfDay;

    private static SaidClock? Of(Match match)
    {
        if (HourOf(match.Groups["h"].Value) is not { } hour)
        {
            return null;
        }

        var minutes = match.Groups["m"].Success ? int.Parse(match.Groups["m"].ValueSpan, CultureInfo.InvariantCulture)
            : match.Groups["halfto"].Success ? -30 : match.Groups["half"].Success ? 30 : match.Groups["to"].Success ? -15 : match.Groups["past"].Success ? 15 : 0;
        if (match.Groups["part"].Success)
        {
            if (Array.Find(Parts, one => one.Word == PlainWords.Of(match.Groups["part"].Value).Trim()) is not { Minutes: > 0 } part)
            {
                return null;
            }

            minutes = (match.Groups["halfto"].Success ? -30 : 0) + (match.Groups["before"].Success ? -part.Minutes : part.Minutes);
        }

        var after = match.Groups["pm"].Success;
        var isHalfKnown = after || match.Groups["am"].Success || hour > 12 || hour == 0;
        hour = after && hour < 12 ? hour + 12 : match.Groups["am"].Success && hour == 12 ? 0 : hour;
        return new SaidClock(((hour * 60) + minutes + (2 * HalfDay)) % (2 * HalfDay), isHalfKnown, match.Value.Trim(), match.Index);
    }

    private static int? HourOf(string word)
    {
        if (char.IsAsciiDigit(word[0]))
        {
            return int.Parse(word, CultureInfo.InvariantCulture) is <= 24 and var number ? number % 24 : null;
        }

        var plain = PlainWords.Of(word).Trim();
        return Array.FindIndex(Hours, names => names.Contains(plain)) is >= 0 and var index ? index == 0 ? 12 : index : null;
    }

    [GeneratedRegex(
        // Figures: 15:45, 3:45 pm, 15.45 Uhr, 15h45, 3 pm, 10 Uhr, 10h.
        @"(?<![\d:.,+-])(?:(?<h>[01]?\d|2[0-4])(?:[:h](?<m>[0-5]\d)|\.(?<m>[0-5]\d)(?= Uhr| uur| h\b))(?!\d|:?\d*(?:Z|[+-]\d\d))(?:\s?(?:(?<pm>[Pp]\.?[Mm]\b)|(?<am>[Aa]\.?[Mm]\b)))?|(?<h>1[0-2]|[1-9])\s?(?:(?<pm>[Pp]\.?[Mm]\b)|(?<am>[Aa]\.?[Mm]\b))|(?<h>[01]?\d|2[0-4])(?: ?Uhr| uur|(?<=(?:às|as|à|alle|a las|vers|um) \d{1,2}) ?h(?:oras|eures)?\b)(?: (?<m>[0-5]\d)\b)?)"
        // Before the hour: halb acht, half acht, halv åtte, dreiviertel vier, fünf vor halb acht.
        + @"|\b(?:(?<part>fünf|zehn|vijf|tien) (?:(?<before>vor|voor)|nach|over) )?(?<halfto>halb|halv|half(?= (?:een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf)\b)) " + Number + @"\b|\b(?<to>dreiviertel) " + Number + @"\b"
        // Quarters and minutes beside it: quarter to four, viertel nach drei, kwart voor vier, ten past six.
        + @"|\b(?:half past(?<half>)|(?:viertel|kwart|kvart|(?:a )?quarter|um quarto) (?:(?<to>vor|voor|på|to|before|para as|para a)|(?<past>nach|over|past|after|i|över)) ?|(?<part>five|ten|twenty|fünf|zehn|zwanzig|vijf|tien|twintig|dez|quinze|vinte|cinco) (?:(?<before>vor|voor|to|para as|para a)|nach|over|past)) ?(?=\p{L}|\d)" + Number + @"\b"
        // Behind it: quatre heures et demie, las cuatro menos cuarto, le quattro e mezza, quatro e meia.
        + @"|\b(?<h>\d{1,2}|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze) ?heures?(?:(?<half> et demie?)|(?<past> et quart)|(?<to> moins le quart)|(?<before> moins) (?<part>cinq|dix|vingt)\b)?(?![\p{L}\d])"
        + @"|\b(?:la|las) (?<h>\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)(?:(?<half> y media)|(?<past> y cuarto)|(?<to> menos cuarto)| y (?<part>cinco|diez|veinte)|(?<before> menos) (?<part>cinco|diez|veinte))?\b(?![:.]\d| de (?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic))"
        + @"|\b(?:le|alle|delle|all['’]|l['’]) ?(?<h>\d{1,2}|una|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici)(?:(?<half> e mezz[ao])|(?<past> e un quarto)|(?<to> meno un quarto))\b|\balle (?:ore )?(?<h>\d{1,2}|una|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici)\b(?![:.]\d)"
        + @"|\b(?<h>\d{1,2}|uma|duas|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze)(?: horas)?(?<half> e meia)\b|\b(?:às|as) (?<h>\d{1,2}|uma|duas|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze)(?: ?h| horas)?(?:(?<half> e meia)|(?<past> e um quarto))?\b(?![:.]\d|h\d)"
        + @"|(?:(?<am>午前|上午|早上)|(?<pm>午後|下午|晚上|夜))?(?<h>\d{1,2})(?:時(?!間)|点|點)(?:(?<half>半)|(?<m>\d{1,2})分)?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Clock();
}
