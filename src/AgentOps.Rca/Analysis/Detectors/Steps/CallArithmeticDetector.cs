using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Arguments of one call that do not fit each other: a day, so many days and a due day, or a start, how long it lasts and an end, where the sum is another.</summary>
internal sealed partial class CallArithmeticDetector : IDetector
{
    private const double Strength = 2.4;
    private static readonly string[] Starts = ["start", "starts", "begin", "begins", "from", "checkin", "in", "arrival", "invoice", "invoiced", "issue", "issued", "document", "effective", "departure", "order", "bill", "since"];
    private static readonly string[] Ends = ["end", "ends", "due", "until", "to", "expiry", "expires", "expiration", "checkout", "out", "return", "finish", "deadline", "payable"];
    private static readonly string[] Lengths = ["term", "terms", "net", "duration", "length", "nights", "days", "minutes", "mins", "hours", "weeks", "months"];

    // They count something else than what lies between the two.
    private static readonly string[] NoLengths = ["interval", "every", "reminder", "remind", "notice", "grace", "warning", "lead", "buffer", "before", "after", "business", "working", "discount", "retention", "timeout", "delay", "gap", "advance", "min", "max", "per", "off", "ago", "prior", "free", "trial", "estimate", "estimated", "effort", "work", "logged", "billable", "planned", "break", "notification"];
    private static readonly string[] Pauses = ["break", "breaks", "pause", "lunch", "buffer", "unpaid"];
    private static readonly string[] Recurring = ["recurrence", "recurring", "repeat", "rrule", "frequency", "interval", "every", "cadence", "weekdays"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !Changes.Reads(call.Tool)))
        {
            // Arguments that belong together stand in one object.
            foreach (var group in Changes.GivenTo(call).Where(static value => value.Parent.ValueKind == JsonValueKind.Object).GroupBy(static value => value.Pointer[..value.Pointer.LastIndexOf('/')]))
            {
                if (Find(run, call, [.. group]) is { } finding)
                {
                    return [finding];
                }
            }
        }

        return [];
    }

    private static Finding? Find(AgentRun run, ToolStep call, List<ResultValue> values)
    {
        var ends = values.FindAll(static value => Is(value, Ends) && TimeOf(value) is not null);
        var starts = values.FindAll(value => TimeOf(value) is not null && !ends.Contains(value));
        starts = starts.Count > 1 ? starts.FindAll(static value => Is(value, Starts)) : starts;
        if (ends is not [var end] || starts is not [var start] || values.FindAll(static value => LengthsOf(value).Any()) is not [var length] || values.Exists(static value => Is(value, Recurring) || Is(value, Pauses))
            || call.Arguments!.Value.EnumerateObject().Any(static member => ToolWords.Of(member.Name).Any(static word => Array.IndexOf(Recurring, word) >= 0)))
        {
            return null;
        }

        var (from, until) = (TimeOf(start)!.Value, TimeOf(end)!.Value);
        var isTerm = Is(length, ["term", "terms", "net"]) || (Is(end, ["due", "payable"]) && Is(start, ["invoice", "invoiced", "bill", "issue", "issued", "document"]));

        // Hours between two days are those of a work, not of what lies between.
        var isOfDays = start.Value.GetString()!.Length == 10 && end.Value.GetString()!.Length == 10;
        var likely = LengthsOf(length).Where(one => !isOfDays || one.Unit is not ("minutes" or "mins" or "min" or "hours" or "seconds")).Select(one => Added(from, one)).ToList();
        return likely.Exists(sum => Fits(sum, until, isTerm) || (!isTerm && sum.Unit is "days" or "day" && IsOfWorkdays(from, until, (sum.Time - from).TotalDays))) || !IsNear(likely, from, until, isTerm) || IsExcused(run, call, end, likely, until, isTerm) ? null : Describe(run, call, start, length, end, likely);
    }

    private static bool Is(ResultValue value, string[] words) => ToolWords.Of(value.Name).Any(word => Array.IndexOf(words, word) >= 0);

    private static DateTime? TimeOf(ResultValue value) => value.Value.ValueKind == JsonValueKind.String && Iso().Match(value.Value.GetString()!) is { Success: true } match
        && DateTime.TryParse(match.Groups["local"].Value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time - (match.Groups["offset"] is { Success: true, Value: var offset } && TimeSpan.TryParse(offset.TrimStart('+'), CultureInfo.InvariantCulture, out var span) ? span : default) : null;

    // So many of what unit; a number without one may be of several.
    private static IEnumerable<(double Number, string Unit)> LengthsOf(ResultValue value)
    {
        var words = ToolWords.Of(value.Name);
        if (!words.Any(static word => Array.IndexOf(Lengths, word) >= 0) || words.Where((word, index) => word != "min" || index == 0).Any(static word => Array.IndexOf(NoLengths, word) >= 0))
        {
            return [];
        }

        if (value.Value.ValueKind == JsonValueKind.String && Iso8601().Match(value.Value.GetString()!) is { Success: true } iso)
        {
            double Part(string name) => iso.Groups[name].Success ? double.Parse(iso.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;
            return [((Part("d") * 1440) + (Part("h") * 60) + Part("m"), "minutes")];
        }

        if (value.Value.ValueKind != JsonValueKind.Number || value.Number is not (> 0 and < 10_000 and var number))
        {
            return [];
        }

        var unit = words.FirstOrDefault(static word => word is "minutes" or "mins" or "min" or "hours" or "days" or "day" or "nights" or "weeks" or "months" or "seconds");
        string[] units = unit is not null ? [unit] : words.Any(static word => word is "term" or "terms" or "net") ? ["days"] : ["seconds", "minutes", "hours", "days", "nights"];
        return units.Select(one => (number, one));
    }

    private static (DateTime Time, string Unit) Added(DateTime from, (double Number, string Unit) length) => (length.Unit switch
    {
        "seconds" => from.AddSeconds(length.Number),
        "minutes" or "mins" or "min" => from.AddMinutes(length.Number),
        "hours" => from.AddHours(length.Number),
        "weeks" => from.AddDays(7 * length.Number),
        "months" => from.AddMonths((int)length.Number),
        _ => from.AddDays(length.Number),
    }, length.Unit);

    // Three days from the first on may end with the third; a month may end on the day before.
    private static bool Fits((DateTime Time, string Unit) sum, DateTime until, bool isTerm) => Math.Abs((sum.Time - until).TotalSeconds) < 60
        || (sum.Unit is "days" or "day" or "weeks" or "months" && !isTerm && (sum.Time.AddDays(-1) == until || sum.Time.Date == until.Date))
        || (sum.Unit is "days" or "day" or "weeks" or "nights" && sum.Time.Date == until.Date && until.TimeOfDay != default)
        || (sum.Unit == "weeks" && !isTerm && (sum.Time - until).TotalDays is >= 0 and <= 3)
        || (sum.Unit == "months" && Math.Abs((sum.Time - until).TotalDays) <= 3);

    // So many days on which there is work, the first one among them or not.
    private static bool IsOfWorkdays(DateTime from, DateTime until, double days)
    {
        var count = 0;
        for (var day = from.Date; day <= until.Date && count <= 1_000; day = day.AddDays(1))
        {
            count += day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1;
        }

        return Math.Abs(count - days) < 0.01 || Math.Abs(count - 1 - days) < 0.01;
    }

    // An end that lies quite elsewhere is one of something else, such as of a series.
    private static bool IsNear(List<(DateTime Time, string Unit)> likely, DateTime from, DateTime until, bool isTerm) =>
        until >= from && likely.Exists(sum => Math.Abs((sum.Time - until).TotalDays) <= (isTerm ? 45 : sum.Unit is "minutes" or "mins" or "min" or "hours" or "seconds" ? 0.5 : Math.Max(3, (sum.Time - from).TotalDays / 2)));

    // It was given so, or is moved to a day on which there is work, or to the end of the month.
    private static bool IsExcused(AgentRun run, ToolStep call, ResultValue end, List<(DateTime Time, string Unit)> likely, DateTime until, bool isTerm)
    {
        var known = KnownText.Before(run, call);
        var key = (until.Month, until.Day);
        return known.Texts.Any(static text => Moved().IsMatch(text)) || Moved().IsMatch(call.Arguments!.Text)
            || (until.TimeOfDay == default && known.Texts.SelectMany(SaidDay.InAnyLanguage).Any(day => (day.Day.Month, day.Day.Day) == key))
            || known.Holds(end.Value.GetString()!) || (until.TimeOfDay != default && known.Holds(until.ToString("HH:mm", CultureInfo.InvariantCulture)))
            || (isTerm && likely.Exists(sum => sum.Time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday && Math.Abs((sum.Time - until).TotalDays) <= 2 && until.DayOfWeek is DayOfWeek.Monday or DayOfWeek.Friday));
    }

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue start, ResultValue length, ResultValue end, List<(DateTime Time, string Unit)> likely)
    {
        var right = likely is [var only] ? $", which makes {only.Time.ToString(only.Time.TimeOfDay == default ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)}{(only.Time.TimeOfDay != default && Offset().IsMatch(start.Value.GetString()!) ? "Z" : "")}" : "";
        string Said(ResultValue value) => $"{Words.Short(value.Value.ToString(), 40)} as {Words.Name(value.Name)}";
        return StepFindings.At(
            call.Asker!, "call_arithmetic", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Said(start)} and {Said(length)}{right}, but with {Said(end)}.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {Said(end)}.", end.Pointer, end.Value.ToString()),
                call.Arguments.Say($"It was given {Said(start)}.", start.Pointer, start.Value.ToString()),
                call.Arguments.Say($"It was given {Said(length)}.", length.Pointer, length.Value.GetRawText().Trim('"')),
            ],
            $"Let {StepFindings.Say(call)} compute {Words.Name(end.Name)} itself, or refuse what does not fit.", "call_arithmetic", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"^(?<local>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?)(?:Z|(?<offset>[+-]\d{2}:\d{2}))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Iso();

    [GeneratedRegex(@"(?:Z|[+-]\d{2}:\d{2})$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Offset();

    [GeneratedRegex(@"^P(?=\d|T\d)(?:(?<d>\d+)D)?(?:T(?:(?<h>\d+)H)?(?:(?<m>\d+)M)?)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Iso8601();

    [GeneratedRegex(@"\b(?:business days?|working days?|bank(?:ing)? days?|weekends?|EOM|end of (?:the )?month|month[- ]end|Werktag\w*|Bankarbeitstag\w*|Monatsende|fin (?:de|du) mois|jours? ouvr\w+|días? h[áa]bil\w*|fin de mes|fine mese|giorni lavorativi)\b|月末|営業日", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Moved();
}
