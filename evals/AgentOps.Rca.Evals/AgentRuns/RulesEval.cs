using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.AgentRuns;

/// <summary>
/// Whether the rules, as they are set by default, open an incident for a run that failed, and none for a good one: neither those of the recordings nor
/// the earlier runs of their agents.
/// </summary>
internal static class RulesEval
{
    private const string Method = "rules";

    public static async Task<List<Row>> RunAsync(EvalOptions options, string folder, IReadOnlyList<AgentRun> runs)
    {
        await using var host = new EvalHost(options);
        foreach (var name in runs.Select(AgentRunsEval.Before).Prepend(AgentRunsEval.Background))
        {
            await AgentRun.SendAsync(host, folder, name);
        }

        var earlier = await TracesAsync(host);
        List<Answer> failing = [];
        var (good, alarms, earlierAlarms) = (0, 0, 0);
        foreach (var trace in earlier)
        {
            var found = await host.JudgeAsync([trace]);
            earlierAlarms += found is null ? 0 : 1;
            if (found is not null)
            {
                Tell(options, $"an earlier good run, {trace}", found);
            }

        }

        foreach (var run in runs)
        {
            await AgentRun.SendAsync(host, folder, run.Name);
            var found = await host.JudgeAsync(run.TraceIds);
            Tell(options, run.Name, found);
            if (run.Fault is null)
            {
                good++;
                alarms += found is null ? 0 : 1;
            }
            else
            {
                failing.Add(new Answer("failing", "", found is null ? null : 1));
            }
        }

        return
        [
            .. Scores.Of(AgentRunsEval.Dataset, Method, failing).Select(row => row with { As3 = null, As3Low = null, As3High = null, As5 = null, As5Low = null, As5High = null }),
            new Row { Dataset = AgentRunsEval.Dataset, System = "good", Method = Method, N = good, FalseAlarms = alarms },
            new Row { Dataset = AgentRunsEval.Dataset, System = "earlier good runs", Method = Method, N = earlier.Count, FalseAlarms = earlierAlarms },
        ];
    }

    private static async Task<List<string>> TracesAsync(EvalHost host)
    {
        var traces = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var span in host.Spans.ListAsync(new SpanQuery()))
        {
            traces.Add(span.SpanId.Split(':')[0]);
        }

        return [.. traces];
    }

    private static void Tell(EvalOptions options, string name, string? found) => options.Log?.WriteLine($"{name,-38} rules: {found ?? "-"}");
}
