using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.WhoAndWhen;

/// <summary>Scores an engine on who made the decisive mistake, and in which step.</summary>
internal static class WhoAndWhenEval
{
    private const string Dataset = "whoandwhen";

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        List<Answer> engine = [], calls = [], frequent = [], frequentWorker = [], frequentThinker = [], first = [], second = [];
        foreach (var kind in new[] { "algorithm-generated", "hand-crafted" })
        {
            var folder = Path.Combine(options.Data, Dataset, kind);
            var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json.gz").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
            foreach (var path in paths.Where(path => options.Wants(path)))
            {
                var run = Read(path);
                var measured = await Measured.RunAsync(options.Engine, () => CaseOf(run));
                engine.Add(Score(kind, run, measured));
                var asCalls = await RunAsModelCalls.AnswerAsync(options, kind, run);
                calls.Add(asCalls);
                frequent.Add(Guess(kind, run, MostFrequent(run, _ => true), null));
                frequentWorker.Add(Guess(kind, run, MostFrequent(run, agent => agent != "Orchestrator"), null));
                frequentThinker.Add(Guess(kind, run, MostFrequent(run, agent => agent is not ("Orchestrator" or "Computer_terminal")), null));
                first.Add(Guess(kind, run, run.History[0].Agent, 0));
                second.Add(Guess(kind, run, run.History[Math.Min(1, run.History.Count - 1)].Agent, 1));
                options.Log?.WriteLine($"{kind}/{Path.GetFileName(path)}: truth {run.MistakeAgent} step {run.Step}; {measured.Report.Verdict} {measured.Top?.Tool}: {measured.Top?.Cause}; as model calls: {asCalls.Report!.Verdict} {(asCalls.Report.Hypotheses is [var said, ..] ? said.Cause : "")}");
            }
        }

        return
        [
            .. Scores.Of(Dataset, options.Engine.Name, engine),
            .. Scores.Of(Dataset, $"{options.Engine.Name}, as model calls", calls),
            .. Scores.Of(Dataset, "most frequent speaker", frequent),
            .. Scores.Of(Dataset, "most frequent but orchestrator", frequentWorker),
            .. Scores.Of(Dataset, "most frequent but orchestrator and terminal", frequentThinker),
            .. Scores.Of(Dataset, "always the first step", first),
            .. Scores.Of(Dataset, "always the second step", second),
        ];
    }

    private static FailedRun Read(string path)
    {
        using var file = File.OpenRead(path);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        return JsonSerializer.Deserialize(unzipped, EvalsJsonContext.Default.FailedRun)!;
    }

    private static RcaCase CaseOf(FailedRun run)
    {
        List<ReadOnlyMemory<byte>> contents = [.. run.History.Select(step => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(step.Content))];
        var spans = run.History.Select((step, index) => new Span
        {
            SpanId = $"step-{index}",
            Tool = ToolNames.AgentRunPrefix + step.Agent,
            StartTs = index,
            EndTs = index,
            ResultDigest = ArtifactDigest.Of(contents[index].Span).ToString(),
        });
        var incident = new Incident { Id = Guid.Empty, OrderId = "run", ProblemType = "wrong_answer", CreatedTs = DateTimeOffset.UnixEpoch };
        return RcaCase.Create(incident, spans, contents);
    }

    private static Answer Score(string kind, FailedRun run, Measured measured)
    {
        var agents = measured.Report.Hypotheses.Select(hypothesis => hypothesis.Tool?.Split('/', 2)[^1]).OfType<string>().Distinct().ToList();
        var place = agents.IndexOf(run.MistakeAgent);
        var top = measured.Top is { Evidence: [var first, ..] } ? first : null;
        var step = measured.Report.Evidence.FirstOrDefault(evidence => evidence.Id == top)?.SpanId;
        return new Answer(kind, "", place < 0 ? null : place + 1, step == $"step-{run.Step}")
        {
            Report = measured.Report,
            Seconds = measured.Seconds,
            PeakMib = measured.PeakMib,
        };
    }

    private static Answer Guess(string kind, FailedRun run, string agent, int? step) =>
        new(kind, "", agent == run.MistakeAgent ? 1 : null, step is null ? null : step == run.Step);

    private static string MostFrequent(FailedRun run, Func<string, bool> counts) =>
        run.History.Select(step => step.Agent).Where(counts).GroupBy(agent => agent)
            .OrderByDescending(agent => agent.Count()).Select(agent => agent.Key).FirstOrDefault("");
}
