using System.Globalization;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Evals.Scoring;

namespace AgentOps.Rca.Evals.AgentRuns;

/// <summary>
/// Scores an engine on recorded runs of agents on real frameworks. Each run is sent after the earlier good runs of its agent; with
/// <c>--background</c> all good runs are sent first, as on a host in use.
/// </summary>
internal static class AgentRunsEval
{
    public const string Dataset = "agents";
    private const string Folder = "agent-runs";
    public const string Background = "background";

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        var folder = Path.Combine(options.Data, Folder);
        var runs = AgentRun.ReadAll(folder).Where(run => options.WantsNamed(run.Name)).ToList();
        if (runs.Count == 0)
        {
            return [];
        }

        List<Answer> failing = [], good = [];
        List<string> grades = [];
        var references = new RunReferences();
        await using var host = await StartAsync(options, folder, runs);
        foreach (var run in runs)
        {
            var analysed = await AnalyzeAsync(options, host, folder, run);
            var grade = AgentRunGrade.Of(run, analysed);
            Tell(options, run, analysed, grade);
            (run.Fault is null ? good : failing).Add(ToAnswer(run, analysed, grade));
            if (run.Fault is not null)
            {
                grades.Add(grade.Grade);
                references.Add("failing", analysed.Spans.Select(CallStep.Of).OfType<CallStep>(), step => run.CulpritSpans.Contains(step.SpanId));
            }
        }

        await Console.Error.WriteLineAsync(Summary(grades, good.Count, good.Count(answer => answer.Right == false)));
        var method = options.Background ? $"{options.Engine.Name}, with background" : options.Engine.Name;
        return
        [
            .. Scores.Of(Dataset, method, failing),
            .. Scores.Alarms(Dataset, "good", method, good),
            .. await RulesEval.RunAsync(options, folder, runs),
            .. references.Rows(Dataset),
        ];
    }

    /// <summary>Prints all that is known of one run: the report, and the spans with what they were given and gave back.</summary>
    /// <returns>Whether there is such a run.</returns>
    public static async Task<bool> PrintAsync(EvalOptions options, string name)
    {
        var folder = Path.Combine(options.Data, Folder);
        if (AgentRun.ReadAll(folder).FirstOrDefault(run => run.Name == name) is not { } run)
        {
            return false;
        }

        await using var host = await StartAsync(options, folder, [run]);
        var analysed = await AnalyzeAsync(options, host, folder, run);
        var grade = AgentRunGrade.Of(run, analysed);
        await RunPrinter.PrintAsync(Console.Out, host, analysed, $"""
            {run.Name} ({run.Framework}): {run.Fault ?? "a good run"}
            truth: {run.Cause}
            at: {string.Join(", ", run.CulpritSpans)}
            grade: {grade.Grade}, rank {grade.Rank?.ToString(CultureInfo.InvariantCulture) ?? "-"}
            """);
        return true;
    }

    private static async Task<EvalHost> StartAsync(EvalOptions options, string folder, IReadOnlyList<AgentRun> runs)
    {
        var host = new EvalHost(options);
        foreach (var name in options.Background ? runs.Select(run => Before(run)).Prepend(Background) : [])
        {
            await AgentRun.SendAsync(host, folder, name);
        }

        return host;
    }

    private static async Task<AnalysedRun> AnalyzeAsync(EvalOptions options, EvalHost host, string folder, AgentRun run)
    {
        foreach (var name in options.Background ? [run.Name] : new[] { Before(run), run.Name })
        {
            await AgentRun.SendAsync(host, folder, name);
        }

        return await host.AnalyzeAsync(run.Symptom, run.ProblemType, run.EtaDeltaHours, run.TraceIds);
    }

    public static string Before(AgentRun run) => run.Name + ".before";

    // A fault that left nothing in the spans has no place; a right answer to it counts as one that was named first.
    private static Answer ToAnswer(AgentRun run, AnalysedRun analysed, AgentRunGrade grade)
    {
        var isRight = grade.Grade == "right";
        var rank = isRight ? 1 : grade.Rank;
        return new(run.Fault is null ? "good" : "failing", run.Framework, rank, rank == 1)
        {
            Right = isRight,
            Report = analysed.Report,
            Seconds = analysed.Measured.Seconds,
            PeakMib = analysed.Measured.PeakMib,
        };
    }

    private static void Tell(EvalOptions options, AgentRun run, AnalysedRun analysed, AgentRunGrade grade) => options.Log?.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Name,-38} {analysed.Report.Verdict.ToString().ToLowerInvariant(),-13} {analysed.Report.Confidence,5:0.00} {grade.Rank?.ToString(CultureInfo.InvariantCulture) ?? "-",3}  {grade.Grade,-7} {analysed.Said}"));

    private static string Summary(List<string> grades, int good, int alarms)
    {
        string[] order = ["right", "hint", "place", "off", "silent", "wrong", "WRONG"];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{grades.Count} failing: {string.Join(", ", order.Select(grade => string.Create(CultureInfo.InvariantCulture, $"{grade} {grades.Count(given => given == grade)}")))}; {good} good: alarms {alarms}");
    }
}
