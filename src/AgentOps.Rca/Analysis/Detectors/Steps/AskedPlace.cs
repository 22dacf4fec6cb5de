using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>The only currency or the only time zone that the user named, against the one that a change was given.</summary>
internal static partial class AskedPlace
{
    private const int MostText = 4_000;

    // Cities and names of zones whose clocks are the same all year.
    private static readonly (string Zone, string[] Names)[] Zones =
    [
        ("WET", ["lisbon", "lisboa", "lissabon", "lisbonne", "london", "londres", "londra", "dublin", "gmt", "bst", "uk", "porto", "edinburgh"]),
        ("CET", ["berlin", "paris", "parigi", "madrid", "rome", "rom", "roma", "amsterdam", "brussels", "vienna", "wien", "zurich", "oslo", "stockholm", "copenhagen", "prague", "warsaw", "budapest", "cet", "cest", "mez", "mesz", "hamburg", "munich", "barcelona", "milan", "geneva", "bern"]),
        ("EET", ["athens", "helsinki", "bucharest", "kyiv", "kiev", "sofia", "riga", "vilnius", "tallinn", "eet", "eest"]), ("MSK", ["moscow", "istanbul", "msk"]), ("GST", ["dubai"]), ("IST", ["kolkata", "mumbai", "delhi", "bangalore", "calcutta", "ist"]),
        ("SGT", ["singapore", "hong", "shanghai", "beijing", "taipei", "perth"]), ("JST", ["tokyo", "tokio", "osaka", "seoul", "jst", "kst"]), ("AET", ["sydney", "melbourne", "canberra", "aest", "aedt"]),
        ("ET", ["york", "eastern", "boston", "toronto", "miami", "washington", "atlanta", "est", "edt"]), ("CT", ["chicago", "central", "dallas", "houston", "cst", "cdt"]), ("MT", ["denver", "mountain", "mst", "mdt"]),
        ("PT", ["angeles", "pacific", "seattle", "francisco", "vancouver", "pst", "pdt"]), ("BRT", ["paulo", "brasilia", "rio"]), ("ART", ["buenos"]), ("UTC", ["utc", "reykjavik"]),
    ];

    private static readonly (string Code, Regex Words)[] Currencies =
    [
        ("CHF", Swiss()), ("USD", UnitedStates()), ("GBP", Sterling()), ("JPY", Yen()), ("EUR", Euro()), ("SEK", Swedish()), ("NOK", Norwegian()), ("DKK", Danish()), ("CAD", Canadian()), ("AUD", Australian()), ("PLN", Polish()), ("MXN", Mexican()), ("BRL", Brazilian()), ("INR", Indian()), ("CNY", Chinese()),
    ];

    /// <summary>A currency.</summary>
    public static AskedOtherwise? OfCurrency(AgentRun run, ToolStep call, List<Passage> said)
    {
        if (said.Exists(static text => text.Text.Length > MostText || Converts().IsMatch(text.Text)))
        {
            return null;
        }

        var users = said.SelectMany(static text => Currencies.SelectMany(one => one.Words.Matches(text.Text).Select(match => (one.Code, Match: match, Text: text)))).ToList();
        if (users.DistinctBy(static one => one.Code).ToList() is not [var user] || said.Exists(static text => OtherMoney().IsMatch(text.Text)))
        {
            return null;
        }

        var given = Changes.GivenTo(call).Where(static value => value.Value.ValueKind == JsonValueKind.String && Code().IsMatch(value.Value.GetString()!) && IsCurrency(value.Name)).ToList();
        if (given is not [var value] || value.Value.GetString()!.Equals(user.Code, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var code = value.Value.GetString()!.ToUpperInvariant();
        if (call.Arguments!.Text.Contains(user.Code, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }


        // Who wants it in a currency decides; an amount decides where the call has the same one.
        var isWish = Wish().IsMatch(user.Text.Text[..user.Match.Index]) && !Sentences.In(user.Text.Text).Any(sentence => sentence.EndsWith('?') && sentence.Contains(user.Match.Value, StringComparison.Ordinal));
        var isAmount = SpelledNumber.In(user.Text.Text).Exists(number => user.Match.Index - (number.Index + number.Text.Length) is 0 or 1 && Changes.GivenTo(call).Any(other => other.Number is { } own && KnownNumbers.AreSame(own, number.Value) && other.Unit == code));
        return (isWish || (isAmount && !KnownText.Before(run, call).Holds(code))) && !Changes.HasProposed(run, call, text => text.Contains(code, StringComparison.Ordinal))
            && !run.Instructions.Any(text => text.Text.Contains(code, StringComparison.Ordinal)) && !run.Tools.Any(other => other != call && other.Arguments is { } arguments && arguments.Text.Contains(user.Code, StringComparison.Ordinal))
            ? new AskedOtherwise(value, value.Value.GetString()!, user.Text, user.Match.Value, $", which is {user.Code}") : null;
    }

    /// <summary>A time zone: the hour is the user's, and the zone is another one, so that it is not the user's hour.</summary>
    public static AskedOtherwise? OfZone(AgentRun run, ToolStep call, List<Passage> said)
    {
        var users = said.Where(static text => text.Text.Length <= MostText).SelectMany(static text => SaidZone().Matches(text.Text).Select(match => (Zone: ZoneOf(match.Groups["zone"].Value), Match: match, Text: text))).Where(static one => one.Zone is not null).ToList();
        if (users.DistinctBy(static one => one.Zone).ToList() is not [var user] || said.Exists(static text => Converts().IsMatch(text.Text)))
        {
            return null;
        }

        var clocks = said.SelectMany(static text => SaidClock.In(text.Text)).ToList();
        foreach (var value in Changes.GivenTo(call).Where(static value => value.Value.ValueKind == JsonValueKind.String && ToolWords.Of(value.Name) is { } words && (words.Any(static word => word is "timezone" or "zone" or "tz" or "zeitzone" or "fuso" or "fuseau"))))
        {
            if (ZoneOf(value.Value.GetString()!) is { } zone && zone != user.Zone && clocks.Count > 0
                && Changes.GivenTo(call).Any(other => other.Value.ValueKind == JsonValueKind.String && SaidClock.In(other.Value.GetString()!).Any(given => clocks.Exists(clock => clock.IsSame(given.Minutes))))
                && !Changes.HasProposed(run, call, text => text.Contains(value.Value.GetString()!, StringComparison.OrdinalIgnoreCase)))
            {
                return new AskedOtherwise(value, value.Value.GetString()!, user.Text, user.Match.Value.Trim(), ", and the hour was not converted");
            }
        }

        return null;
    }

    /// <summary>Whether a text names a time zone or the time of a city.</summary>
    public static bool NamesZone(string text) => text.Length > MostText || SaidZone().Matches(text).Any(static match => ZoneOf(match.Groups["zone"].Value) is not null);

    private static bool IsCurrency(string name) => ToolWords.Of(name) is { } words && words.Any(static word => word is "currency" or "currencycode" or "ccy" or "divisa" or "moneda" or "devise" or "waehrung" or "valuta" or "moeda" or "munt") && !words.Any(static word => word is "from" or "source" or "base" or "original" or "account" or "settlement");

    private static string? ZoneOf(string text)
    {
        var words = PlainWords.Split(PlainWords.Of(text));
        return Array.Find(Zones, zone => words.Any(zone.Names.Contains)).Zone;
    }

    [GeneratedRegex(@"^[A-Za-z]{3}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(?:convert\w*|exchange\w*|rate|umrechn\w*|umgerechnet|wechsel\w*|converti\w*|cambi\w*|equivalent|worth|my time|our time)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Converts();

    // Such signs and words stand for several currencies.
    [GeneratedRegex(@"\$|¥|\bkr\b|\b(?:kroner|kronor|kronen|pesos?|rupees)\b(?<!(?:Swedish|Norwegian|Danish|Mexican|Indian) \w+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OtherMoney();

    [GeneratedRegex(@"\b(?:in|en|in de|em|i)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wish();

    [GeneratedRegex(@"\b(?<zone>[A-ZÀ-Ý][\p{L}]+(?: [A-ZÀ-Ý][\p{L}]+)?) time\b|\b(?:Zeit in|Ortszeit in|heure de|hora de|ora di|uur in|hora em|tijd in) (?<zone>[A-ZÀ-Ý][\p{L}]+(?: [A-ZÀ-Ý][\p{L}]+)?)|\b(?<zone>[A-ZÀ-Ý][\p{L}]+er) Zeit\b|(?<zone>(?:Europe|America|Asia|Africa|Australia|Pacific|Atlantic)/[A-Z][A-Za-z_]+)|(?<=\d(?: ?[ap]m)? ?)(?<zone>UTC|GMT|CES?T|MES?Z|E[SD]T|P[SD]T|C[SD]T|M[SD]T|JST|IST|BST|EES?T)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SaidZone();

    [GeneratedRegex(@"\b(?:Swiss francs?|CHF|Schweizer Franken|francs suisses|francos suizos|franchi svizzeri|francos suíços|Zwitserse franken?)\b|スイスフラン", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Swiss();

    [GeneratedRegex(@"\b(?:US[- ]dollars?|USD|U\.S\. dollars|American dollars?|dólares estadounidenses|dollars américains|US-Dollar)\b|米ドル|美元", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UnitedStates();

    [GeneratedRegex(@"£|\b(?:pounds sterling|British pounds?|GBP|sterling|livres sterling|libras esterlinas|britische Pfund|sterline)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sterling();

    [GeneratedRegex(@"\b(?:Japanese yen|yen|JPY|yenes|iene)\b|円", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Yen();

    [GeneratedRegex(@"€|\b(?:euros?|EUR)\b|ユーロ|欧元", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Euro();

    [GeneratedRegex(@"\b(?:Swedish (?:kronor|krona|crowns?)|SEK|schwedische Kronen|couronnes suédoises|svenske kroner|svenska kronor)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Swedish();

    [GeneratedRegex(@"\b(?:Norwegian (?:kroner|krone|crowns?)|NOK|norwegische Kronen|couronnes norvégiennes|norske kroner)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Norwegian();

    [GeneratedRegex(@"\b(?:Danish (?:kroner|krone|crowns?)|DKK|dänische Kronen|danske kroner)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Danish();

    [GeneratedRegex(@"\b(?:Canadian dollars?|CAD|dollars canadiens|kanadische Dollar)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Canadian();

    [GeneratedRegex(@"\b(?:Australian dollars?|AUD|australische Dollar)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Australian();

    [GeneratedRegex(@"\b(?:Polish (?:zloty|złoty)|zloty|złotych|PLN|polnische Zloty)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Polish();

    [GeneratedRegex(@"\b(?:Mexican pesos?|MXN|pesos mexicanos)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mexican();

    [GeneratedRegex(@"\b(?:Brazilian reais|BRL|reais)\b|R\$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Brazilian();

    [GeneratedRegex(@"₹|\b(?:Indian rupees?|INR)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Indian();

    [GeneratedRegex(@"\b(?:yuan|renminbi|RMB|CNY)\b|人民币", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Chinese();
}
