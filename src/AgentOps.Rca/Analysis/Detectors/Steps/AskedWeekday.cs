using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>The only day of the week that the user said for a change, against the day that the change was given.</summary>
internal static partial class AskedWeekday
{
    private const int Before = 24;
    private const int Week = 7;
    private static readonly string[] OfTheDay = ["date", "day", "on", "when", "start", "starts", "begin", "at", "scheduled", "appointment", "visit", "slot", "datum", "tag", "termin", "beginn", "fecha", "dia", "inicio", "jour", "debut", "giorno", "inizio", "data", "dato", "dag"];
    private static readonly string[] Beside = ["end", "due", "until", "to", "before", "after", "since", "from", "out", "return", "expiry", "deadline", "remind", "reminder", "notify", "created", "updated", "birth", "today", "now", "order", "invoice", "issued", "ship", "fin", "ende", "bis"];

    public static AskedOtherwise? Find(AgentRun run, ToolStep call, List<Passage> said)
    {
        var users = said.SelectMany(static text => Names().Matches(text.Text).Select(match => (Day: DayOf(match), Match: match, Text: text))).ToList();
        if (users.DistinctBy(static one => one.Day).ToList() is not [var user] || users.Exists(static one => IsVague(one.Text.Text, one.Match) || Sentences.In(one.Text.Text).Any(sentence => sentence.Contains(one.Match.Value, StringComparison.Ordinal) && UserTurns.IsTold(sentence))) || !users.Exists(static one => IsMeant(one.Text.Text, one.Match))
            || said.Exists(static text => SaidDay.InAnyLanguage(text.Text).Any() || Moved().IsMatch(text.Text)) || run.Tools.Count(other => other.Tool == call.Tool && other.Failure is null) > 1)
        {
            return null;
        }

        // What is prepared or remembered for a day is done before it.
        if (ToolWords.Of(call.Tool).Any(static word => word is "remind" or "reminder" or "task" or "todo" or "note" or "doc" or "document" or "report" or "log" or "send" or "email" or "mail" or "message"))
        {
            return null;
        }

        var given = Changes.GivenTo(call).Where(IsDay).Select(static value => (Value: value, SaidDay.In(value.Value.GetString()!).First().Day)).ToList();
        if (given.DistinctBy(static one => one.Day).ToList() is not [var only] || only.Day.DayOfWeek == user.Day)
        {
            return null;
        }

        var known = KnownText.Before(run, call);
        return known.IsWhole && !known.Texts.Any(static text => Zone().IsMatch(text)) && !IsOffered(run, call, user.Day, only.Day) && !IsTold(run, user.Day, only.Day)
            && !run.Tools.Any(other => other != call && other.Arguments is { } arguments && SaidDay.In(arguments.Text).Any(day => day.Day.DayOfWeek == user.Day))
            && !Changes.HasProposed(run, call, text => SaidDay.InAnyLanguage(text).Any(day => (day.Day.Month, day.Day.Day) == (only.Day.Month, only.Day.Day)) || Names().Matches(text).Any(match => DayOf(match) == only.Day.DayOfWeek))
            ? new AskedOtherwise(only.Value, only.Value.Value.GetString()!, user.Text, user.Match.Value, $", and that is a {only.Day.DayOfWeek}") : null;
    }

    private static DayOfWeek DayOf(Match match)
    {
        for (var day = 0; day < Week; day++)
        {
            if (match.Groups["d" + (char)('0' + day)].Success)
            {
                return (DayOfWeek)day;
            }
        }

        return (DayOfWeek)Math.Max("日月火水木金土".IndexOf(match.Groups["j"].Value, StringComparison.Ordinal), match.Groups["c"].Success ? "日一二三四五六".IndexOf(match.Groups["c"].Value.Replace('天', '日'), StringComparison.Ordinal) : 0);
    }

    private static bool IsDay(ResultValue value)
    {
        var words = ToolWords.Of(value.Name);
        return value.Value.ValueKind == JsonValueKind.String && Given().IsMatch(value.Value.GetString()!) && SaidDay.In(value.Value.GetString()!).Any()
            && words.Any(static word => Array.IndexOf(OfTheDay, word) >= 0) && !words.Any(static word => Array.IndexOf(Beside, word) >= 0);
    }

    // What the run had seen has the other day, and none of the user's in the same week beside it that is free.
    private static bool IsOffered(AgentRun run, ToolStep call, DayOfWeek user, DateOnly given) => run.Tools.Any(tool => tool.Number < call.Number && tool.Result is { } result
        && SaidDay.In(result.Text).ToList() is var days && days.Exists(day => day.Day == given)
        && (!days.Exists(day => day.Day.DayOfWeek == user && Math.Abs(day.Day.DayNumber - given.DayNumber) < Week) || Taken().IsMatch(result.Text)));

    // The answer that speaks of both days tells why.
    private static bool IsTold(AgentRun run, DayOfWeek user, DateOnly given) => run.Answer is { } answer && Names().Matches(answer.Text).Select(DayOf).ToList() is var told && told.Contains(user) && told.Contains(given.DayOfWeek);

    private static bool IsMeant(string text, Match name) => name.Groups["j"].Success || name.Groups["c"].Success
        || Meaning().IsMatch(text[Math.Max(0, name.Index - Before)..name.Index]) || Next().IsMatch(text.AsSpan(name.Index + name.Length));

    // In Dutch "na" is after, in Portuguese it is on.
    private static bool IsVague(string text, Match name) =>
        (name.Value.EndsWith("dag", StringComparison.OrdinalIgnoreCase) && text[..name.Index].EndsWith(" na ", StringComparison.OrdinalIgnoreCase)) ||
        BeforeIt().IsMatch(text[Math.Max(0, name.Index - Before)..name.Index]) || AfterIt().IsMatch(text.AsSpan(name.Index + name.Length));

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Given();

    [GeneratedRegex(
        @"\b(?:(?<d1>monday|montag|lundi|lunes|lunedì|segunda-feira|(?<=\b(?:na|próxima) )segunda|maandag|mandag|måndag)|(?<d2>tuesday|dienstag|mardi|martes|martedì|terça-feira|(?<=\b(?:na|próxima) )terça|dinsdag|tirsdag|tisdag)|(?<d3>wednesday|mittwoch|mercredi|miércoles|mercoledì|quarta-feira|woensdag|onsdag)"
        + @"|(?<d4>thursday|donnerstag|jeudi|jueves|giovedì|quinta-feira|donderdag|torsdag)|(?<d5>friday|freitag|vendredi|viernes|venerdì|sexta-feira|(?<=\b(?:na|próxima) )sexta|vrijdag|fredag)|(?<d6>saturday|samstag|sonnabend|samedi|sábado|sabato|zaterdag|lørdag|lördag)|(?<d0>sunday|sonntag|dimanche|domingo|domenica|zondag|søndag|söndag))(?!\w)|(?<j>[月火水木金土日])曜|(?:星期|周|週|礼拜)(?<c>[一二三四五六日天])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"\b(?:on|next|this|coming|for|to|am|nächsten|kommenden|diesen|für|auf|ce|pour|au|el|próximo|este|al|na|no|próxima|nesta|para|per|prossimo|op|volgende|aanstaande|komende|på|neste|nästa)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Meaning();

    [GeneratedRegex(@"^\s+(?:prochaine?|prossim[ao]|que viene|próxim[ao]|que vem)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Next();

    [GeneratedRegex(@"(?:\b(?:by|before|after|until|till|since|from|last|past|every|each|not|except|or|and|week of|first|second|vor|nach|bis|ab|seit|jeden|letzten|vorigen|nicht|spätestens|frühestens|oder|und|avant|après|jusqu.{0,6}|depuis|chaque|dernier|pas|dès|d['’]ici|antes|después|hasta|desde|cada|pasado|todos|no|prima|dopo|fino|dal|ogni|scorso|entro|até|depois|toda|última|voor|tot|vanaf|elke|vorige|før|etter)\s+(?:the |de |del |next |el |le |il |a |o |this |coming |nächsten |kommenden )?|[-–/,]\s*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BeforeIt();

    [GeneratedRegex(@"^(?:['’]s\b|s\b|\s*(?:[-–/]\s*\p{L}|(?:or|oder|ou|o|and|und|et|y|to|until|bis|at the (?:latest|earliest)|evening before|last|dernier|pasado|passad[ao]|scorso|in (?:two|three|\d) weeks?|week)\b))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AfterIt();

    [GeneratedRegex(@"\b(?:days? (?:before|after|earlier|later|prior)|(?:morning|evening|night|day) (?:before|after)|tomorrow|today|yesterday|Tag (?:vor|nach|davor|danach)|Vortag|Folgetag|veille|lendemain|víspera|día (?:antes|después|siguiente)|flexib\w+|business days?|holidays?|Feiertag\w*|férié\w*|festivo|feriado|otherwise|if (?:not|that|it)|ansonsten|sonst|sinon)\b|翌日|前日|祝日", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moved();

    [GeneratedRegex(@"\b(?:UTC|GMT|time ?zones?|Zeitzone|fuseau|zona horaria|fuso|holiday|Feiertag|férié|festivo|feriado|feestdag)\b|祝日|T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Zone();

    [GeneratedRegex(@"false|taken|busy|booked|unavailable|occupied|reserved|full\b|closed|belegt|vergeben|gebucht|ocupad|complet|bezet|:\s*\[\]|conflict", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Taken();
}
