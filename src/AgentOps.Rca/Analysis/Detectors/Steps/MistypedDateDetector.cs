using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A day that a call was given, one to three days beside the only one that the user named: nothing in the run has it, no call tried the user's day, and nothing
/// that was said lets it move.
/// </summary>
internal sealed partial class MistypedDateDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostDays = 3;
    private const int MostText = 40;
    private const int Before = 24;

    // The day itself; an end, a limit and a reminder lie beside it rightly.
    private static readonly string[] OfTheDay = ["date", "day", "on", "when", "start", "begin", "departure", "depart", "checkin", "arrival", "scheduled", "appointment", "delivery", "pickup", "travel", "flight", "event", "execution", "visit", "slot"];
    private static readonly string[] Beside =
        ["end", "due", "until", "till", "to", "before", "after", "since", "from", "out", "checkout", "return", "expiry", "expires", "expiration", "valid", "min", "max", "earliest", "latest", "deadline", "reminder", "remind", "notify", "alert", "created", "updated", "birth", "today", "now", "ship", "shipping", "dispatch", "send", "order", "invoice", "publish", "prepare", "issue", "issued", "booked"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Instructions.Any(static text => Moves().IsMatch(text.Text)) || run.Models.Any(static model => model.Offered.Values.Any(static tool => Zone().IsMatch(tool.Description ?? ""))))
        {
            return [];
        }

        foreach (var call in Changes.CallsIn(run))
        {
            foreach (var value in Changes.GivenTo(call).Where(IsDay))
            {
                var given = SaidDay.In(value.Value.GetString()!).First();
                if (Meant(run, call, given) is { } meant)
                {
                    return [Describe(run, call, value, meant.Day, meant.Text)];
                }
            }
        }

        return [];
    }

    private static bool IsDay(ResultValue value)
    {
        var words = ToolWords.Of(value.Name);
        return value.Value.ValueKind == JsonValueKind.String && value.Value.GetString() is { Length: <= MostText } text && Day().IsMatch(text)
            && words.Any(static word => Array.IndexOf(OfTheDay, word) >= 0) && !words.Any(static word => Array.IndexOf(Beside, word) >= 0);
    }

    private static (SaidDay Day, Passage Text)? Meant(AgentRun run, ToolStep call, SaidDay given)
    {
        var said = Changes.SaidBefore(run, call);
        var days = said.SelectMany(static text => SaidDay.InAnyLanguage(text.Text).Select(day => (Day: day, Text: text))).Where(static one => !IsLeft(one.Text.Text, one.Day)).ToList();
        if (days.Select(static one => (one.Day.Day.Month, one.Day.Day.Day)).Distinct().Count() != 1 || days[0].Day is not { } user || user.DaysFrom(given.Day) is 0 or > MostDays
            || said.Exists(static text => Moves().IsMatch(text.Text) || Relative().IsMatch(Greeting().Replace(text.Text, " "))) || days.Exists(static one => IsVague(one.Text.Text, one.Day)))
        {
            return null;
        }

        // A call for the user's day may have found nothing; and what the run had seen may have offered the other one.
        var known = KnownText.Before(run, call);
        return !known.IsWhole || run.Tools.Any(other => other.Arguments is { } arguments && SaidDay.In(arguments.Text).Any(user.IsSame)) || known.Texts.Any(static text => Zone().IsMatch(text))
            || known.Texts.SelectMany(SaidDay.InAnyLanguage).Any(other => IsSameDay(other, given)) || known.Holds(given.Day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)) || known.Holds(given.Day.ToString("MMdd", CultureInfo.InvariantCulture))
            || Changes.HasProposed(run, call, text => SaidDay.InAnyLanguage(text).Any(day => IsSameDay(day, given))) ? null : (user, days[0].Text);
    }

    // "Move it from the 10th to the 14th": what is left is no day that is wanted, and the one after it is no end.
    private static bool IsLeft(string text, SaidDay day) => Moving().IsMatch(text) && From().IsMatch(text[Math.Max(0, day.Index - Before)..day.Index]) && To().IsMatch(text.AsSpan(Math.Min(text.Length, day.Index + day.Text.Length)));

    private static bool IsSameDay(SaidDay one, SaidDay other) => (one.Day.Month, one.Day.Day) == (other.Day.Month, other.Day.Day);

    private static bool IsVague(string text, SaidDay day) =>
        BeforeDay().IsMatch(text[Math.Max(0, day.Index - Before)..day.Index]) || AfterDay().IsMatch(text.AsSpan(Math.Min(text.Length, day.Index + day.Text.Length)));

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, SaidDay user, Passage text) => StepFindings.At(
        call.Asker!, "mistyped_date", "wrong_argument", Proof.Provenance, Strength,
        $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Words.Short(value.Value.GetString()!, 40)} as {Words.Name(value.Name)}, a day that nothing in the run had named; the only one that the user had said is {StepFindings.Quote(user.Text, 40)}.",
        [
            call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(value.Value.GetString()!, 40)}.", value.Pointer, value.Value.GetString()),
            text.Say("What the user had said.", user.Text),
        ],
        $"Have {StepFindings.Say(call)} give back the day that it took in words that go into the answer, and let the user confirm it.", "mistyped_date", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);

    // With a time and its offset it may be the user's day all the same.
    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Day();

    [GeneratedRegex(@"\b(?:UTC|GMT|time ?zones?|Zeitzone|fuseau|zona horaria|fuso)\b|時差|T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Zone();

    [GeneratedRegex(@"\b(?:business days?|working days?|weekends?|holidays?|Werktag\w*|Feiertag\w*|Wochenende|jours? ouvr\w+|jours? férié\w*|días? h[áa]bil\w*|fin de semana|flexib\w+|souple|roughly|approximately|thereabouts|give or take|plus or minus|or so|ungefähr|environ|aproximadamente|nearest|next available|as soon as|asap)\b|±|\+/-|前後|頃|柔軟", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moves();

    [GeneratedRegex(@"\b(?:mov(?:e|ing)|reschedul\w+|postpon\w+|shift|push (?:it )?back|bring forward|verschieb\w*|verleg\w*|déplac\w+|report(?:e[rz]?)\b|décal\w+|muev\w+|mover|aplaz\w+|spost\w+|rinvi\w+|mova|adi(?:e|ar)|verplaats\w*|verzet\w*)\b|移動|変更", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moving();

    [GeneratedRegex(@"\b(?:from|vom|von|du|de|del|desde|dal|da|do|van)\s+(?:the |dem |el |le |il |o )?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex From();

    [GeneratedRegex(@"^,?\s*(?:to|auf|au|al|a|naar|para|til)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex To();

    [GeneratedRegex(@"\b(?:(?:guten|good) (?:Morgen|Morning)|por la mañana|de la mañana|buen(?:os|as)? \w+)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"\b(?:today|tomorrow|yesterday|tonight|next (?:day|night|morning|evening)|previous day|days? (?:before|after|earlier|later|prior)|following (?:day|morning)|(?:morning|evening|night) (?:before|after)|heute|morgen|gestern|übermorgen|Vortag|Vorabend|Folgetag|Tage? (?:vor|nach|davor|danach|später|früher)|demain|hier|lendemain|veille|aujourd['’]hui|jours? (?:avant|après)|mañana|ayer|hoy|víspera|días? (?:antes|después)|domani|ieri|oggi|giorn[oi] (?:prima|dopo)|amanhã|ontem|hoje|overnight)\b|明日|今日|昨日|翌日|前日|明後日", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Relative();

    [GeneratedRegex(@"(?:\b(?:dated|born|issued|bought|purchased|ordered|placed|received|signed|paid|sent|arrived|delivered|posted|happened|expires?|expired|due|valid|as of|datiert|geboren|gekauft|bestellt|erhalten|vom|fällig|fechad[ao]|nacid[ao]|comprad[ao]|vence|daté\w*|née?|acheté\w*|datat[ao]|nat[ao]|before|after|by|until|till|from|since|around|about|between|earliest|latest|starting|week of|vor|nach|bis|ab|seit|um|gegen|etwa|spätestens|frühestens|avant|après|d['’]ici|jusqu['’]au|à partir d[ue]|vers|depuis|antes del?|después del?|hasta|desde|a partir del?|sobre|hacia|prima del?|dopo|fino al?|verso|até|depois|ex(?:cept|cluding)|not|nicht|no|pas)\s*(?:on |the |dem |den |der |el |le |il |o |the night of )?|[-–~]\s*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BeforeDay();

    [GeneratedRegex(@"^\W{0,3}(?:or|oder|ou|o|and|und|et|y|e|to|until|through|bis|au|al|hasta|fino|até|onwards?|at the (?:latest|earliest)|spätestens|frühestens|au plus t\w+)\b|^\s*[-–~]\s*\d|^\s*(?:から|まで|以降|以前|ごろ|または|か)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AfterDay();
}
