using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Evals.Tau;

/// <summary>
/// Scores an engine on customer-service agents: which step of a run that failed is the cause, and how often a run that succeeded is called sick.
/// The tool calls are sent below the model call that asked for them, and once more beside it, as exporters do either.
/// </summary>
internal static class TauEval
{
    public const string Dataset = "tau";

    // The engine sees the failure only as what somebody would report of it.
    private const string Symptom = "The customer's request was not settled as the policy asks.";
    private static readonly (bool Nested, string Words)[] Forms = [(true, ""), (false, ", tools beside their model call")];

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        List<Row> rows = [];
        List<(string System, bool IsOpened)> judged = [];
        var references = new RunReferences();
        foreach (var (nested, words) in Forms)
        {
            List<Answer> labelled = [], unlabelled = [], good = [];
            foreach (var (name, domain, path) in Runs(options))
            {
                var run = TauRun.Read(path);
                var (analysed, otlp) = await AnalyzeAsync(options, run, name, domain, nested);
                var truth = run.RootCause is { } cause ? run.ModelCallOf(cause.Step) : (int?)null;
                var named = Steps(analysed, otlp).FirstOrDefault();
                (truth is not null ? labelled : name.Contains("/failed/", StringComparison.Ordinal) ? unlabelled : good).Add(Score(domain, truth, analysed, otlp));
                Tell(options, name + words, truth, named, analysed);
                if (nested)
                {
                    var found = await JudgeAsync(options, name, otlp);
                    judged.Add(($"{domain}, {name.Split('/')[1]}", found is not null));
                    options.Log?.WriteLine($"{name,-28} rules: {found ?? "-"}");
                }

                if (nested && truth is not null)
                {
                    references.Add($"{domain}, failed", StepsOf(run, otlp, analysed), step => otlp.Messages[step.SpanId] == truth);
                }
            }

            var method = options.Engine.Name + words;
            rows.AddRange(Scores.Of(Dataset, method, [.. labelled.Select(answer => answer with { System = answer.System + ", failed" })]));
            rows.AddRange(good.GroupBy(answer => answer.System).SelectMany(system => Scores.Alarms(Dataset, system.Key + ", succeeded", method, [.. system])));
            rows.AddRange(unlabelled.GroupBy(answer => answer.System)
                .SelectMany(system => Scores.Alarms(Dataset, system.Key + ", failed, not labelled", method, [.. system])).Select(row => row with { FalseAlarms = null }));
        }

        return [.. rows, .. judged.GroupBy(run => run.System, run => run.IsOpened).Select(RulesRow), .. references.Rows(Dataset)];
    }

    /// <summary>Prints all that is known of one run.</summary>
    /// <returns>Whether there is such a run.</returns>
    public static async Task<bool> PrintAsync(EvalOptions options, string name)
    {
        if (Runs(options with { Only = [name] }).FirstOrDefault() is not { Path: { } path } found)
        {
            return false;
        }

        var run = TauRun.Read(path);
        var (analysed, otlp) = await AnalyzeAsync(options, run, name, found.Domain, nested: true);
        var truth = run.RootCause is { } cause ? run.ModelCallOf(cause.Step) : (int?)null;
        await using var host = new EvalHost(options);
        await host.SendAsync(name, "/v1/traces", otlp.Body, OtlpEncoding.Json);
        await RunPrinter.PrintAsync(Console.Out, host, analysed, string.Create(CultureInfo.InvariantCulture, $"""
            {name}
            truth: step {run.RootCause?.Step}, span {otlp.Messages.FirstOrDefault(message => message.Value == truth).Key}: {run.RootCause?.Category}: {run.RootCause?.Reason}
            named: {string.Join(", ", Steps(analysed, otlp))}
            """));
        return true;
    }

    private static async Task<string?> JudgeAsync(EvalOptions options, string name, TauOtlp otlp)
    {
        await using var host = new EvalHost(options);
        await host.SendAsync(name, "/v1/traces", otlp.Body, OtlpEncoding.Json);
        return await host.JudgeAsync([otlp.TraceId]);
    }

    private static Row RulesRow(IGrouping<string, bool> system)
    {
        var (n, opened) = (system.Count(), system.Count(isOpened => isOpened));
        return system.Key.EndsWith("succeeded", StringComparison.Ordinal)
            ? new Row { Dataset = Dataset, System = system.Key, Method = "rules", N = n, FalseAlarms = opened }
            : new Row { Dataset = Dataset, System = system.Key, Method = "rules, any incident", N = n, Hints = Math.Round((double)opened / n, 4) };
    }

    private static IEnumerable<(string Name, string Domain, string Path)> Runs(EvalOptions options)
    {
        foreach (var domain in new[] { "retail", "airline" })
        {
            foreach (var kind in new[] { "failed", "succeeded" })
            {
                var folder = Path.Combine(options.Data, Dataset, domain, kind);
                foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json.gz").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
                {
                    var name = $"{domain}/{kind}/{Path.GetFileName(path)[..^".json.gz".Length]}";
                    if (options.WantsNamed(name))
                    {
                        yield return (name, domain, path);
                    }
                }
            }
        }
    }

    private static async Task<(AnalysedRun Analysed, TauOtlp Otlp)> AnalyzeAsync(EvalOptions options, TauRun run, string name, string domain, bool nested)
    {
        using var tools = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(options.Data, Dataset, domain, "tools.json")));
        var traceId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));
        var otlp = TauOtlp.Of(run, traceId, domain, tools.RootElement, nested);
        await using var host = new EvalHost(options);
        await host.SendAsync(name, "/v1/traces", otlp.Body, OtlpEncoding.Json);
        return (await host.AnalyzeAsync(Symptom, "request_not_settled", null, [traceId]), otlp);
    }

    // Each hypothesis names one step: that of the first span it cites that stands for one.
    private static IEnumerable<int?> Steps(AnalysedRun analysed, TauOtlp otlp) => analysed.Report.Hypotheses.OrderBy(hypothesis => hypothesis.Rank)
        .Select(hypothesis => analysed.SpansOf(hypothesis).Where(otlp.Messages.ContainsKey).Select(id => (int?)otlp.Messages[id]).FirstOrDefault());

    private static Answer Score(string domain, int? truth, AnalysedRun analysed, TauOtlp otlp)
    {
        var steps = Steps(analysed, otlp).ToList();
        var place = truth is null ? -1 : steps.IndexOf(truth);
        return new(domain, "", place < 0 ? null : place + 1)
        {
            StepsOff = truth is null ? null : steps is [{ } first, ..] ? Math.Abs(first - truth.Value) : int.MaxValue,
            Report = analysed.Report,
            Seconds = analysed.Measured.Seconds,
            PeakMib = analysed.Measured.PeakMib,
        };
    }

    // What people see of a failure here stands in a result's text alone.
    private static IEnumerable<CallStep> StepsOf(TauRun run, TauOtlp otlp, AnalysedRun analysed) => analysed.Spans.Select(CallStep.Of).OfType<CallStep>()
        .Where(step => otlp.Messages.ContainsKey(step.SpanId))
        .Select(step => step with { HasFailed = !step.IsModelCall && FailedIn(run, otlp.Messages[step.SpanId]) });

    private static bool FailedIn(TauRun run, int message)
    {
        for (var i = message + 1; i < run.Messages.Count && run.Messages[i].Role == "tool"; i++)
        {
            if (run.Messages[i].Content?.StartsWith("Error", StringComparison.OrdinalIgnoreCase) == true)
            {
                return true;
            }
        }

        return false;
    }

    private static void Tell(EvalOptions options, string name, int? truth, int? named, AnalysedRun analysed) => options.Log?.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-28} truth {truth?.ToString(CultureInfo.InvariantCulture) ?? "-",3} named {named?.ToString(CultureInfo.InvariantCulture) ?? "-",3}  {analysed.Report.Verdict.ToString().ToLowerInvariant(),-13} {analysed.Report.Confidence,5:0.00}  {analysed.Said}"));
}
