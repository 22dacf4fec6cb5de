using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change with what the user had said first, after the user had put another number, hour or day in its place.</summary>
internal sealed partial class OverruledDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostAddress = 200;

    // What is counted, as people say it and as tools call it.
    private static readonly (Regex Said, string[] Keys)[] Counts =
    [
        (People(), ["party", "people", "persons", "person", "guests", "guest", "pax", "covers", "adults", "attendees", "passengers", "participants", "seats", "size", "headcount", "visitors"]),
        (Nights(), ["nights", "night"]),
        (Pieces(), ["quantity", "qty", "count", "units", "tickets", "copies", "pieces", "seats", "licenses", "licences", "rooms", "items"]),
        (Days(), ["days", "day"]),
    ];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.In(run).ToList())
        {
            // Several calls may be for several parties, and what was done first may have been right then.
            if (run.Tools.Count(other => other.Tool == call.Tool) > 1)
            {
                continue;
            }

            var said = Changes.SaidBefore(run, call);
            var at = said.FindLastIndex(static text => Changing().IsMatch(text.Text) && !Adding().IsMatch(text.Text));
            if (at < 1)
            {
                continue;
            }

            foreach (var value in Changes.GivenTo(call))
            {
                if (Overruled(value, said[..at], said[at]) is { } words && said.Skip(at + 1).All(static text => text.Text.Length <= 40 && !Back().IsMatch(text.Text)) && !HasProposed(run, call, value, said[at]) && !Changes.GivenTo(call).Any(other => KeyOf(other) is { } key && key != KeyOf(value) && KeysIn(value, said[at].Text).Any(one => one.Key == key)) && !run.Tools.Any(tool => tool != call && HasTried(tool, value, said[at])))
                {
                    return [Describe(run, call, value, said[at], words)];
                }
            }
        }

        return [];
    }

    // The correction's only value of the kind, where the argument has the one from before.
    private static string? Overruled(ResultValue value, List<Passage> before, Passage correction)
    {
        var later = KeysIn(value, correction.Text).Where(one => !Left().IsMatch(correction.Text[..Math.Max(0, correction.Text.IndexOf(one.Text, StringComparison.Ordinal))])).DistinctBy(static one => one.Key).ToList();
        return later is [var only] && KeyOf(value) is { } given && given != only.Key && before.Exists(text => KeysIn(value, text.Text).Any(one => one.Key == given)) ? only.Text : null;
    }

    private static string? KeyOf(ResultValue value) => value.Value.ValueKind == JsonValueKind.Number ? value.Value.GetRawText()
        : KindOf(value.Value.GetString()!) is { } kind && kind.Matches(value.Value.GetString()!) is [var only] ? TextKey(only.Value)
        : SaidDay.In(value.Value.GetString()!).FirstOrDefault() is { } day ? KeyOf(day)
        : Hour().Match(value.Value.GetString()!) is { Success: true } hour && hour.Length == value.Value.GetString()!.Length ? KeyOf(hour) : value.Value.GetString() is { Length: <= 3 } text && text.All(char.IsAsciiDigit) ? text : null;

    // What a text says of the kind that the argument is of, with a key that is the same however it is written.
    private static IEnumerable<(string Key, string Text)> KeysIn(ResultValue value, string text)
    {
        var words = ToolWords.Of(value.Name);
        if (value.Value.ValueKind == JsonValueKind.String && SaidDay.In(value.Value.GetString()!).Any())
        {
            return SaidDay.InAnyLanguage(text).Select(static day => (KeyOf(day), day.Text));
        }

        if (value.Value.ValueKind == JsonValueKind.String && words.Any(static word => word is "time" or "hour" or "at" or "start"))
        {
            return Hour().Matches(text).Select(static match => (KeyOf(match), match.Value));
        }

        if (value.Value.ValueKind == JsonValueKind.String && KindOf(value.Value.GetString()!) is { } kind)
        {
            return kind.Matches(text).Select(static match => (TextKey(match.Value), match.Value.Trim()));
        }

        return Counts.Where(count => words.Any(word => Array.IndexOf(count.Keys, word) >= 0)).Take(1).SelectMany(count => count.Said.Matches(text)).Select(static match => (NumberOf(match.Groups["n"].Value), match.Value)).Where(static one => one.Item1.Length > 0);
    }

    // An address for mail or of a house, however the rest of the text is written.
    private static Regex? KindOf(string text) => text.Length > MostAddress ? null : Mail().IsMatch(text) ? Mail() : Street().IsMatch(text) ? Street() : null;

    private static string TextKey(string text) => text.Contains('@', StringComparison.Ordinal) ? text.ToUpperInvariant() : PlainWords.Of(text);

    private static string KeyOf(SaidDay day) => day.Day.ToString("MM-dd", CultureInfo.InvariantCulture);

    private static string KeyOf(Match hour)
    {
        var number = int.Parse(hour.Groups["h"].ValueSpan, CultureInfo.InvariantCulture);
        number = hour.Groups["half"].Value.ToUpperInvariant() switch { "P" when number < 12 => number + 12, "A" when number == 12 => 0, _ => number };
        return Words.Invariant($"{number}:{(hour.Groups["m"] is { Success: true, Value: var minute } ? minute : "00")}");
    }

    private static string NumberOf(string word) => NumberWords.Of(word) is > 0 and var small ? Words.Invariant($"{small}") : word.All(char.IsAsciiDigit) ? word.TrimStart('0') : "";

    // The agent came back to the first value after the correction, and the user may have agreed.
    private static bool HasProposed(AgentRun run, ToolStep call, ResultValue value, Passage correction)
    {
        var since = run.Models.FirstOrDefault(model => model.Input.Exists(message => message.Texts.Contains(correction)))?.Number ?? int.MaxValue;
        return run.Models.Where(model => model.Number >= since && model.Number < call.Asker!.Number).SelectMany(static model => model.Said).Any(text => KeysIn(value, text.Text).Any(one => one.Key == KeyOf(value)) || text.Text.Contains(value.Value.ToString(), StringComparison.Ordinal));
    }

    // Where the later value was tried, its refusal may be why the first was taken.
    private static bool HasTried(ToolStep tool, ResultValue value, Passage correction) =>
        tool.Arguments is { Value.ValueKind: JsonValueKind.Object } && Changes.GivenTo(tool).Any(other => KeyOf(other) is { } key && KeysIn(value, correction.Text).Any(one => one.Key == key));

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, Passage correction, string words) => StepFindings.At(
        call.Asker!, "overruled", "wrong_argument", Proof.Provenance, Strength,
        $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Words.Short(value.Value.ToString(), 40)} as {Words.Name(value.Name)}, as the user had said first; later the user had said {StepFindings.Quote(words, 60)} in its place.",
        [
            call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(value.Value.ToString(), 40)}.", value.Pointer, value.Value.ToString()),
            correction.Say("What the user had said later.", words),
        ],
        $"Have the agent sum up what is to be done after each correction, and {StepFindings.Say(call)} give back what it did.", "overruled", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);

    [GeneratedRegex(@"(?<![\w.,:/])(?<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s?(?:people|persons?|guests?|pax|adults?|attendees|passengers|participants|of us|Personen|Gäste|Leute|personas|comensales|invitados|personnes|convives|invités|persone|ospiti|pessoas|名|人)|\b(?:party|table|group) (?:of|for) (?<n>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|\b(?:zu|somos|wir sind|nous sommes|nous serons|we(?:['’]ll)? (?:are|be)) (?<n>\d{1,3})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex People();

    [GeneratedRegex(@"(?<![\w.,:/])(?<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s?(?:nights?|Nächte|noches|nuits?|notti|noites|泊)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Nights();

    [GeneratedRegex(@"(?<![\w.,:/])(?<n>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s?(?:tickets?|copies|pieces|units|seats?|licen[sc]es?|rooms?|items?|pcs|Karten|Tickets|Stück|Plätze|Exemplare|Lizenzen|Zimmer|entradas|unidades|boletos|copias|billets?|places|exemplaires|unités|biglietti|pezzi|枚|個|冊|本)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Pieces();

    [GeneratedRegex(@"(?<![\w.,:/])(?<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s?(?:days?|Tage|días|jours|giorni|dias|日間)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Days();

    [GeneratedRegex(@"(?<![\d:.,-])(?:(?<h>[01]?\d|2[0-3])[:h](?<m>[0-5]\d)(?:\s?(?<half>[AaPp])\.?[Mm]\b)?|(?<h>1[0-2]|[1-9])\s?(?<half>[AaPp])\.?[Mm]\b|(?<h>[01]?\d|2[0-3])(?:時(?!間)| Uhr| ?h\b))", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hour();

    [GeneratedRegex(@"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mail();

    // 8 Hazel Road, Lindenweg 4, 12 rue des Lilas, calle Mayor 3.
    [GeneratedRegex(@"\b\d{1,5}[A-Za-z]?\s(?:[\p{Lu}][\p{L}'’.-]*\s){1,4}?(?:Lane|Road|Rd|Street|St|Avenue|Ave|Drive|Dr|Way|Court|Close|Place|Square|Terrace|Crescent|Gardens|Hill|Row|Boulevard|Blvd|Parkway|Mews|Walk)\b|\b\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|laan|straat|plein|gata|gate|veien|vej|gade)\s?\d{1,4}\w?\b|\b\d{1,4},?\s(?:rue|avenue|boulevard|place|chemin)\s[\p{L}'’ -]{2,40}?(?=,|\.|$|\s\d)|\b(?:[Cc]alle|[Aa]venida|[Pp]laza|[Vv]ia|[Pp]iazza|[Rr]ua|[Aa]v\.)\s[\p{L}'’ ]{2,40}?,?\s(?:n[.º°]*\s?)?\d{1,4}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Street();

    // "8 Hazel Road instead of 15 Mill Lane".
    [GeneratedRegex(@"\b(?:instead of|rather than|not|no longer|(?:an)?statt|nicht(?: mehr)?|au lieu d[eu]|pas|en (?:vez|lugar) del?|no|invece d\w+|non|em vez d[eoa]|não|in plaats van|niet)\s+(?:to |at |for |the |die |der |den |das |la |le |el )*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Left();

    // Words by which somebody puts one thing in the place of another.
    [GeneratedRegex(@"\b(?:change (?:it|that|this|the)|make (?:it|that)|instead|actually|correction|rather|I meant|(?:address|e-?mail|number|street|phone) (?:is now|has changed|changed)|(?:is|are) now|has moved|have moved|moved(?: to| house)?(?=[,.:;]| to)|new (?:address|e-?mail)|neue (?:Adresse|Anschrift|Mail\w*)|umgezogen|déménagé|nouvelle adresse|mudado|nueva dirección|traslocato|nuovo indirizzo|mudou|novo endereço|verhuisd|nieuw adres|no wait|wait,|we['’]ll be|now (?:we|it)|switch (?:it|to)|sorry|lieber|doch|stattdessen|statt|korrektur|ändern|ändere|ich meinte|cámbial[oa]|cambi[ae]\w*|mejor|en vez|en lugar|perdón|quería decir|plutôt|finalement|changez|modifie\w*|au lieu|je voulais dire|piuttosto|anzi|cambia\w*|invece|na verdade|em vez)\b|変更|訂正|やっぱり|やはり|ではなく|じゃなくて", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Changing();

    // More than a yes: a number, or a word by which somebody stays with what was.
    [GeneratedRegex(@"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|keep|leave|back|original|first|stay|bleib\w*|lass\w*|zurück|ursprünglich\w*|deja\w*|original|laiss\w*|gard\w*|lascia\w*)\b|そのまま|元", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Back();

    // Something beside the first, in whatever language, or a step back to it.
    [GeneratedRegex(@"\b(?:also|b?cc|as well|another|additional(?:ly)?|extra|more|second|too|plus|auch|noch|zusätzlich|weitere\w*|zweite\w*|también|además|otr[ao]|más|aussi|en plus|autre|anche|altro|também|both|never ?mind|forget it|keep it|leave it|or)\b|もう|追加|他に|\?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Adding();
}
