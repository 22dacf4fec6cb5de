using System.Text.Json.Nodes;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Evals;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>
/// Ten recorded runs of real frameworks and an answer to the prompt of each, written by hand from the prompt alone. The model's answer must
/// come out right without any help of the detectors, and as a lie in no way.
/// </summary>
public sealed class RecordedAnswersTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Analysis", "LanguageModel", "Runs");
    private static readonly JsonObject Answers = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "answers.json")))!.AsObject();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_answers_come_out_right_with_the_detectors_and_without_them(bool withDetectors)
    {
        List<string> wrong = [];
        foreach (var run in AgentRun.ReadAll(Folder))
        {
            var analysed = await AnalyzeAsync(run, Answers[run.Name]!.ToJsonString(), withDetectors);
            var grade = AgentRunGrade.Of(run, analysed).Grade;
            if (grade != "right")
            {
                wrong.Add($"{run.Name}: {grade}, {analysed.Report.Verdict} {analysed.Report.Confidence}, {analysed.Said} [{string.Join(' ', analysed.Report.Gaps)}]");
            }

            Assert.NotNull(analysed.Report.Statements);
            Assert.DoesNotContain(analysed.Report.Gaps, gap => gap.Contains("did not contribute", StringComparison.Ordinal));
        }

        Assert.True(wrong.Count <= 1, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Forty_answers_that_were_turned_into_lies_name_no_wrong_cause()
    {
        List<string> wrong = [];
        var lies = 0;
        foreach (var run in AgentRun.ReadAll(Folder))
        {
            foreach (var lie in new Action<JsonObject>[] { AnotherDigit, AnotherStep, AnotherPlace, NoQuote })
            {
                var answer = JsonNode.Parse(Answers[run.Name]!.ToJsonString())!.AsObject();
                lie(answer["hypotheses"]![0]!.AsObject());
                var analysed = await AnalyzeAsync(run, answer.ToJsonString(), withDetectors: false);
                lies++;
                if (analysed.Report.Verdict == RcaVerdict.Identified && AgentRunGrade.Of(run, analysed).Grade != "right")
                {
                    wrong.Add($"{run.Name} {lie.Method.Name}: {analysed.Said}");
                }
            }
        }

        Assert.Equal(40, lies);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // A quote with one character turned.
    private static void AnotherDigit(JsonObject hypothesis)
    {
        var quote = hypothesis["evidence"]![0]!["quote"]!.GetValue<string>();
        hypothesis["evidence"]![0]!["quote"] = quote[..^2] + (quote[^2] == '7' ? '8' : '7') + quote[^1];
    }

    // Another culprit on the same evidence.
    private static void AnotherStep(JsonObject hypothesis) => hypothesis["step"] = hypothesis["step"]!.GetValue<string>() == "S2" ? "S3" : "S2";

    // The quotes put into the mouth of another step, which is blamed.
    private static void AnotherPlace(JsonObject hypothesis)
    {
        AnotherStep(hypothesis);
        hypothesis["evidence"]![0]!["id"] = hypothesis["step"]!.GetValue<string>();
    }

    // The blame without a word of the records.
    private static void NoQuote(JsonObject hypothesis)
    {
        AnotherStep(hypothesis);
        foreach (var citation in hypothesis["evidence"]!.AsArray())
        {
            citation!["quote"] = null;
        }
    }

    private static async Task<AnalysedRun> AnalyzeAsync(AgentRun run, string answer, bool withDetectors)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().UseChatClient(_ => new CannedClient(answer));
        if (!withDetectors)
        {
            services.AddSingleton<IRcaEngine>(new SilentTraceEngine());
        }

        await using var provider = services.BuildServiceProvider();
        var engine = provider.GetServices<IRcaEngine>().Last(candidate => candidate.Name == "llm");
        await using var host = new EvalHost(new EvalOptions("agents", Folder, engine, null, [], null));
        await AgentRun.SendAsync(host, Folder, run.Name);
        return await host.AnalyzeAsync(run.Symptom, run.ProblemType, run.EtaDeltaHours, run.TraceIds);
    }

    private sealed class CannedClient(string answer) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)) { ModelId = "by-hand" });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

/// <summary>A trace engine that finds nothing.</summary>
internal sealed class SilentTraceEngine : IRcaEngine
{
    public string Name => "trace";

    public string Version => "silent";

    public static RcaReport Of(RcaCase rcaCase) => new()
    {
        IncidentId = rcaCase.Incident.Id,
        Verdict = RcaVerdict.Inconclusive,
        Confidence = 0,
        Summary = "Nothing stands out.",
        Engine = "trace",
        EngineVersion = "silent",
        AnalysisTimestamp = rcaCase.AnalyzedAt,
    };

    public ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default) => ValueTask.FromResult(Of(rcaCase));
}
