using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>The only time of the day that the user said, against the one that a change was given.</summary>
internal static partial class AskedClock
{
    private const int Before = 30;
    private static readonly string[] OfTheTime = ["time", "at", "start", "starts", "hour", "when", "begin", "datetime", "scheduled", "slot", "uhrzeit", "zeit", "termin", "beginn", "hora", "heure", "ora", "orario", "tijd", "inicio", "debut", "inizio", "aanvang", "tid", "kl"];
    private static readonly string[] Beside = ["end", "ends", "until", "till", "to", "finish", "due", "ende", "bis", "fin", "fine", "einde", "remind", "alert", "notify", "created", "updated", "deadline", "arrival", "duration", "zone", "out", "pickup", "depart", "departure"];

    public static AskedOtherwise? Find(AgentRun run, ToolStep call, List<Passage> said)
    {
        var users = said.SelectMany(static text => SaidClock.In(text.Text).Select(clock => (Clock: clock, Text: text))).ToList();
        if (users.Count == 0 || users.Exists(one => !one.Clock.IsSame(users[0].Clock.Minutes) && !users[0].Clock.IsSame(one.Clock.Minutes))
            || run.Tools.Count(other => other.Tool == call.Tool && other.Failure is null) > 1 || said.Exists(static text => Moved().IsMatch(text.Text) || AskedPlace.NamesZone(text.Text)) || users.Exists(static one => Moving().IsMatch(one.Text.Text) && !Towards().IsMatch(one.Text.Text[..one.Clock.Index])) || users.Exists(static one => IsVague(one.Text.Text, one.Clock) || Sentences.In(one.Text.Text).Any(sentence => sentence.Contains(one.Clock.Text, StringComparison.Ordinal) && UserTurns.IsTold(sentence))))
        {
            return null;
        }

        var user = users.MaxBy(static one => one.Clock.IsHalfKnown);
        var given = Changes.GivenTo(call).Where(IsTime).Select(static value => (Value: value, Minutes: MinutesOf(value))).ToList();
        if (given.Count == 0 || given.Exists(one => user.Clock.IsSame(one.Minutes)) || given.DistinctBy(static one => one.Minutes).Count() > 1)
        {
            return null;
        }

        var known = KnownText.Before(run, call);
        return known.IsWhole && !known.Texts.Any(static text => Zone().IsMatch(text)) && !IsOffered(run, call, user.Clock, given[0].Minutes) && !IsTold(run, user.Clock, given[0].Minutes)
            && !run.Tools.Any(other => other != call && other.Arguments is { } arguments && SaidClock.In(arguments.Text).Any(clock => user.Clock.IsSame(clock.Minutes)))
            && !run.Instructions.Any(text => SaidClock.In(text.Text).Any(clock => clock.IsSame(given[0].Minutes)))
            && !Changes.HasProposed(run, call, text => SaidClock.In(text).Any(clock => clock.IsSame(given[0].Minutes)))
            ? new AskedOtherwise(given[0].Value, given[0].Value.Value.GetString()!, user.Text, user.Clock.Text, SaysTime(user.Clock)) : null;
    }

    private static string SaysTime(SaidClock clock) => clock.Text.Any(char.IsAsciiDigit) ? "" : Evidence.Words.Invariant($", which is {clock.Minutes / 60}:{clock.Minutes % 60:00}");

    private static bool IsTime(ResultValue value)
    {
        var words = ToolWords.Of(value.Name);
        return value.Value.ValueKind == JsonValueKind.String && Given().IsMatch(value.Value.GetString()!) && !words.Any(static word => Array.IndexOf(Beside, word) >= 0)
            && (words.Any(static word => Array.IndexOf(OfTheTime, word) >= 0) || value.Value.GetString()!.Length > 8);
    }

    private static int MinutesOf(ResultValue value) => Given().Match(value.Value.GetString()!) is var match
        ? (int.Parse(match.Groups["h"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) * 60) + int.Parse(match.Groups["m"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : 0;

    // The run had seen the other time, and not the user's beside it, or that it is taken.
    private static bool IsOffered(AgentRun run, ToolStep call, SaidClock user, int given) => run.Tools.Any(tool => tool.Number < call.Number && tool.Result is { } result
        && SaidClock.In(result.Text).ToList() is var clocks && clocks.Exists(clock => clock.IsSame(given)) && (!clocks.Exists(clock => user.IsSame(clock.Minutes)) || Taken().IsMatch(result.Text)));

    // The answer that says both tells why.
    private static bool IsTold(AgentRun run, SaidClock user, int given) => run.Answer is { } answer && SaidClock.In(answer.Text).ToList() is var told && told.Exists(clock => clock.IsSame(given)) && told.Exists(clock => user.IsSame(clock.Minutes));

    // Another time may follow from it: of an arrival, of a train, before or after it.
    private static bool IsVague(string text, SaidClock clock) =>
        BeforeIt().IsMatch(text[Math.Max(0, clock.Index - Before)..clock.Index]) || AfterIt().IsMatch(text.AsSpan(Math.Min(text.Length, clock.Index + clock.Text.Length)));

    [GeneratedRegex(@"^(?:\d{4}-\d\d-\d\d[T ])?(?<h>[01]?\d|2[0-3]):(?<m>[0-5]\d)(?::\d\d(?:\.0+)?)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Given();

    [GeneratedRegex(@"\b(?:arriv\w+|ankomm\w+|ankunft|lleg\w+|be there|da sein|depart\w*|leav(?:es|ing)|flight|train|vuelo|tren|vol|Flug|Zug|Bahn|volo|treno|voo|trem|trein|vlucht|opens?|closes?|öffn\w+|schließ\w+|flexib\w+|any ?time|whenever|instead|in \d+ (?:min\w*|hours?)|(?:after|before) (?:it|that|this|them)|every|daily|danach|davor|täglich|jeden|ensuite|chaque|luego|cada|dopo|ogni|depois|toda|daarna|elke|irgendwann|egal|cuando sea|n['’]importe|qualsiasi|qualquer)\b|\b(?:\d+|half an?|an|one|a|eine?|une?|un|una|uma|een|halbe|media|mezz)\s*(?:min\w*|hours?|h|Stunden?|heures?|horas?|or[ae]|uur)\s+(?:\w+\s+)?(?:before|earlier|prior|ahead|after|later|vorher|davor|früher|später|vor|nach|avant|après|plus tôt|antes|después|prima|dopo|depois|eerder|later|vooraf)\b|到着|出発|前に|後に", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moved();

    [GeneratedRegex(@"(?:\b(?:(?:is|are|starts?|begins?|ist|sind|beginnt|est|es|è|é|begint) (?:at|um|à|a|alle|às|om)|it(?:['’]s| is)|es ist|il est|son las|sono le|são|het is|my|our|your|his|her|their|this|mein\w*|unser\w*|mon|notre|mi|nuestr[oa]|mio|nostr[oa]|meu|mijn|onze|by|until|till|before|after|from|since|not|no later than|latest|around|about|between|or|and|bis|vor|nach|seit|spätestens|frühestens|ab|gegen|etwa|oder|und|avant|après|vers|depuis|jusqu.{0,6}|à partir d[eu]|d['’]ici|antes de|después de|hasta|desde|sobre|hacia|prima d\w+|dopo|entro|verso|dalle|fino|até|depois|tot|na|vanaf|rond|circa|før|etter|till|innan)\s*(?:um |the |le |las |la |as |les |de |)?|[-–~]\s*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BeforeIt();

    // What is moved is named by its old time, what it is moved to follows these words.
    [GeneratedRegex(@"\b(?:mov(?:e|ing)|reschedul\w+|postpon\w+|push|bring forward|shift|verschieb\w*|verleg\w*|déplac\w+|report\w+|décal\w+|muev\w+|mover|cambi\w+|aplaz\w+|spost\w+|rinvi\w+|mude|mova|adi\w+|verplaats\w*|verzet\w*)\b|変更|ずら", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moving();

    [GeneratedRegex(@"\b(?:to|auf|à|a|alle|naar|para|til|till)\s*(?:las |la |le |as |às )?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Towards();

    [GeneratedRegex(@"^\s*(?:o['’]clock\s*)?(?:(?:or|oder|ou|o|and|und|et|y|e|to|until|bis|at the (?:latest|earliest)|spätestens|frühestens|latest|earliest)\b|[-–~]\s*\d|から|まで|以降|以前|ごろ|頃|(?:flight|train|bus|meeting|appointment|call|class|game|match|show|movie|film|concert|dinner|event|slot|standup|Flug|Zug|Termin|Vorstellung|vol|vuelo|volo|voo)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AfterIt();

    [GeneratedRegex(@"\b(?:UTC|GMT|time ?zones?|tz|Zeitzone|fuseau|zona horaria|fuso|tijdzone|local time|Ortszeit)\b|時差|T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Zone();

    [GeneratedRegex(@"false|taken|busy|book|unavailable|occupied|reserv|full\b|belegt|vergeben|gebucht|occup|pris\b|ocupad|complet|bezet|vol\b|conflict|埋|予約", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Taken();
}
