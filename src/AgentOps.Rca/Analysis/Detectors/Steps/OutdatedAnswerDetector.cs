using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A result that says itself that it is old, or as of which day it holds, where the user had asked for today's: the day is long before the one that the run was told it is, and the answer
/// does not say so.
/// </summary>
internal sealed partial class OutdatedAnswerDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostDays = 7;
    private const int Around = 60;

    // What holds as of a day; that a record was changed long ago says nothing of it, but for what changes every day.
    private static readonly string[] AsOf = ["as of", "as at", "as of date", "rate date", "price date", "data date", "snapshot date", "snapshot at", "retrieved at", "fetched at", "cached at", "quoted at", "stand", "fecha datos"];
    private static readonly string[] Updated = ["updated at", "last updated", "updated", "timestamp", "time stamp", "last update", "date", "generated at"];
    private static readonly string[] OfEveryDay = ["rate", "rates", "quote", "quotes", "weather", "forecast", "temperature", "exchange", "market", "kurs", "wetter", "meteo", "cotizacion", "clima"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || Told().IsMatch(answer.Text) || run.SaidByUsers().LastOrDefault(static text => Now().IsMatch(text.Text)) is not { } asked)
        {
            return [];
        }

        var today = run.Instructions.Concat(run.SaidByUsers()).Select(static text => TodayIn(text.Text)).FirstOrDefault(static day => day is not null)?.Day;
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result: not null, IsHandoff: false } && tool.Number < model.Number && !Changes.Act(tool.Tool) && !run.Tools.Any(later => later.Number > tool.Number && later.Tool == tool.Tool && later.Failure is null)))
        {
            if (ResultValue.In(tool, tool.Result!.Value).Find(value => IsOld(value, tool, today)) is { } old && !IsAskedFor(tool, old) && !IsDay(answer.Text, old))
            {
                return [Describe(run, model, answer, asked, tool, old)];
            }
        }

        return [];
    }

    private static bool IsOld(ResultValue value, ToolStep tool, DateOnly? today)
    {
        var name = string.Join(' ', ToolWords.Of(value.Name));
        return value.Value.ValueKind == JsonValueKind.True ? name is "stale" or "is stale" or "outdated" or "is outdated" or "expired data"
            : value.Value.ValueKind == JsonValueKind.String && today is { } day && SaidDay.In(value.Value.GetString()!).FirstOrDefault(static one => !one.IsWithoutYear) is { } own && day.DayNumber - own.Day.DayNumber > MostDays
                && (Array.IndexOf(AsOf, name) >= 0 || (Array.IndexOf(Updated, name) >= 0 && ToolWords.Of(tool.Tool) is var words && words.Any(static word => Array.IndexOf(OfEveryDay, word) >= 0) && !words.Any(static word => word is "tax" or "vat" or "interest" or "tariff" or "base" or "hourly" or "shipping")));
    }

    private static bool IsAskedFor(ToolStep tool, ResultValue old) => old.Value.ValueKind == JsonValueKind.String && tool.Arguments is { } arguments && SaidDay.In(old.Value.GetString()!).FirstOrDefault() is { } day && SaidDay.In(arguments.Text).Any(day.IsSame);

    private static bool IsDay(string answer, ResultValue old) => old.Value.ValueKind == JsonValueKind.String && SaidDay.In(old.Value.GetString()!).FirstOrDefault() is { } day
        && SaidDay.InAnyLanguage(answer).Any(one => (one.Day.Month, one.Day.Day) == (day.Day.Month, day.Day.Day));

    private static SaidDay? TodayIn(string text) => Today().Match(text) is { Success: true } match
        ? SaidDay.InAnyLanguage(text.Substring(match.Index, Math.Min(match.Length + Around, text.Length - match.Index))).FirstOrDefault(static day => !day.IsWithoutYear) : null;

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, Passage asked, ToolStep tool, ResultValue old)
    {
        var name = StepFindings.Say(tool);
        var says = $"{Words.Name(old.Name)} = {Words.Short(old.Value.ToString(), 40)}";
        return StepFindings.At(
            tool, "outdated_answer", "stale_data", Proof.Provenance, Strength,
            $"{name} returned what it says itself is old ({says}){Words.At(tool.Node.EndNs)}, where the user had asked for {StepFindings.Quote(Now().Match(asked.Text).Value, 40)}; {StepFindings.Say(model)} told it without a word of that.",
            [old.Say($"{name} says so: {says}."), asked.Say("What the user had asked for.", Now().Match(asked.Text).Value), answer.Say("The answer does not say how old it is.")],
            $"Have {name} refuse what is older than it was asked for, or let the answer say as of when it holds.", "outdated_answer", explains: [model, .. run.Runs]);
    }

    [GeneratedRegex(@"\b(?:today(?:['’]s)?|current(?:ly)?|right now|latest|at the moment|live|now|as of now|heute|heutige\w*|aktuell\w*|derzeit\w*|momentan\w*|aujourd['’]hui|actuel\w*|du jour|hoy|actual(?:es|mente)?|ahora|oggi|attual\w+|hoje|atual\w*|agora|vandaag|huidige|actuele)\b|現在|今日|本日|今天|目前|当前", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Now();

    [GeneratedRegex(@"\b(?:today(?:['’]s date)?(?: is|:)|current date(?: is|:)|date today(?: is|:)|heute ist|heutiges datum|(?:aujourd['’]hui,? )?nous sommes|date du jour|hoy es|fecha (?:actual|de hoy)|oggi è|data odierna|hoje é|data de hoje|vandaag is)|今日は|本日は|今天是", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Today();

    // The answer says how old it is.
    [GeneratedRegex(@"\b(?:as (?:of|at) (?!today|now|this)|stale|outdated|out of date|cached|last (?:updated|known|available)|not (?:current|up to date|live)|may have changed|older|Stand|veraltet|zuletzt|en date du|dernière mise à jour|au \d|a fecha de|última actualización|desactualizad\w+|aggiornat\w+|atualizad\w+|bijgewerkt|verouderd)\b|時点", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Told();
}
