using System.Security.Cryptography;
using System.Text.Json;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Evals.WhoAndWhen;

/// <summary>A failed run as exporters send a conversation: a span for each model call, with all that was said before and what it said itself.</summary>
internal static class RunAsModelCalls
{
    public static async Task<Answer> AnswerAsync(EvalOptions options, string kind, FailedRun run)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(run, EvalsJsonContext.Default.FailedRun);
        using var trace = new ChatTrace(Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16)), "team", "team", run.History.Count + 1);
        var steps = new Dictionary<string, int>();
        List<string> history = [];
        foreach (var (i, step) in run.History.Index())
        {
            // To whoever speaks now, the others are the ones who ask.
            var said = ChatTrace.TextPart(step.Content);
            var call = trace.AddModelCall(i, i + 0.8, history, ChatTrace.Message("assistant", [said], "stop"), "stop", ("gen_ai.agent.name", step.Agent));
            steps.Add(trace.StoredId(call), i);
            history.Add(ChatTrace.Message("user", [said], name: step.Agent));
        }

        await using var host = new EvalHost(options);
        await host.SendAsync(kind, "/v1/traces", trace.ToOtlp(), OtlpEncoding.Json);
        var analysed = await host.AnalyzeAsync(run.Question ?? "", "wrong_answer", null, [trace.TraceId]);

        // Each hypothesis names the step of the first span it cites that is one, and the agent of that step.
        var named = analysed.Report.Hypotheses.OrderBy(hypothesis => hypothesis.Rank)
            .Select(hypothesis => analysed.SpansOf(hypothesis).Where(steps.ContainsKey).Select(id => (int?)steps[id]).FirstOrDefault())
            .OfType<int>().ToList();
        var place = named.ConvertAll(step => run.History[step].Agent).Distinct().ToList().IndexOf(run.MistakeAgent);
        return new Answer(kind, "", place < 0 ? null : place + 1, named is [var first, ..] && first == run.Step)
        {
            Report = analysed.Report,
            Seconds = analysed.Measured.Seconds,
            PeakMib = analysed.Measured.PeakMib,
        };
    }
}
