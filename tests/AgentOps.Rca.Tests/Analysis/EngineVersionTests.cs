using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>An engine's version stands for its method: its detectors, and those that the host added.</summary>
public sealed class EngineVersionTests
{
    // Reports name the version that made them. When this list changes, so must the version: give the new one a new line, and leave the old ones.
    private static readonly Dictionary<string, string> DetectorsByVersion = new()
    {
        ["2"] = "ErrorOrigin Loop StaleData Result MissingArtifact Deadline Time Latency Structure Sequence Repeat Arguments Budget Transcript",
        ["3"] = "UnofferedTool Schema FinishReason TurnLimit Workflow Injection OwnWrite RepeatedEffect InventedValue UnsupportedAnswer "
            + "ContradictedCount ContradictedValue ContradictedArgument MisreadDigits PartialFailure ContradictedDate ContradictedStatus "
            + "MissingObservation PolicyOrder ToolOrder Refusal FailedStep ModelFailure MissingMember SlowStep RepeatedStep Objection Unfinished EmptyStep "
            + "ErrorOrigin Loop StaleData Result MissingArtifact Deadline Time Latency Structure Sequence Repeat Arguments Budget Transcript",
        ["4"] = "UnofferedTool Schema FinishReason TurnLimit Workflow Injection OwnWrite RepeatedEffect InventedValue UnsupportedAnswer "
            + "ContradictedCount ContradictedValue ContradictedArgument MisreadDigits PartialFailure ContradictedDate ContradictedStatus "
            + "MissingObservation PolicyOrder ToolOrder Refusal FailedStep ModelFailure MissingMember SlowStep RepeatedStep Objection Unfinished EmptyStep "
            + "ErrorOrigin Loop StaleData Result MissingArtifact Deadline Time Latency Structure Sequence Repeat Arguments Budget Transcript",
        ["5"] = "UnofferedTool Schema FinishReason TurnLimit Workflow Injection OwnWrite RepeatedEffect InventedValue UnsupportedAnswer "
            + "ContradictedCount ContradictedValue ContradictedArgument MisreadDigits PartialFailure ContradictedDate ContradictedStatus "
            + "MissingObservation PolicyOrder IgnoredArgument OtherwiseDone NoEffect ArbitraryChoice CarriedUnit DroppedFilter FillValue FirstPage OtherRecord SwappedResults UnaskedRemoval MadeUpAddress MistypedId MistypedDate Overruled AskedOtherwise WrongRow ExcludedTarget CallArithmetic Conversion WrongTotal ExceededLimit OtherRowTold Misquoted WrongStatistic UnusableAnswer ForbiddenTool UserBan KeptAsIs DraftOnly BackupFirst ClaimedAction ClaimedEdit PartForWhole LostConstraint OutdatedAnswer PublishedSecret EditedTest SpentTime UnparsableText WrongEnvironment LostWork UntouchedSource SwallowedError LookOnly GarbledId InventedFigure UnheededVerdict UnmatchedRecord UntoldValue PendingApproval GeneratedFile OldValue UnfilledPlaceholder UnbackedResult ExceededTotal SupersededSource UnconfirmedChange WrongQuery ToolOrder Refusal FailedStep ModelFailure MissingMember SlowStep RepeatedStep Objection Unfinished EmptyStep "
            + "ErrorOrigin Loop StaleData Result MissingArtifact Deadline Time Latency Structure Sequence Repeat Arguments Budget Transcript",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_list_of_detectors_changes_with_the_version_only()
    {
        var names = TraceRcaEngine.OwnDetectors.Select(detector => detector.GetType().Name.Replace("Detector", "", StringComparison.Ordinal));

        Assert.Equal(DetectorsByVersion[new TraceRcaEngine().Version], string.Join(' ', names));
    }

    [Fact]
    public async Task A_detector_of_the_host_is_ranked_checked_and_written_like_ours_and_named_by_the_version()
    {
        await using var services = Services(builder => builder.AddDetector<QuotaDetector>().AddDetector<QuotaDetector>());
        var report = await AnalyzeAsync(services);

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Equal("tool.call/pay used up its quota.", report.RootCause);
        var evidence = Assert.Single(report.Evidence, evidence => evidence.Kind == "quota");
        Assert.Equal(("t:1", "/attributes/quota", true), (evidence.SpanId, evidence.Pointer, evidence.Checked));
        Assert.Equal($"{new TraceRcaEngine().Version}+{typeof(QuotaDetector).FullName}/7", report.EngineVersion);
    }

    [Fact]
    public async Task What_a_detector_of_the_host_cites_and_is_not_there_is_not_called_checked()
    {
        await using var services = Services(builder => builder.AddDetector<UntrueDetector>());
        var report = await AnalyzeAsync(services);

        Assert.DoesNotContain(report.Evidence, evidence => evidence.Kind == "untrue" && evidence.Checked);
        Assert.DoesNotContain(report.Hypotheses, hypothesis => hypothesis.Category == "untrue" && hypothesis.Grounded);
    }

    [Fact]
    public async Task A_report_of_a_version_that_is_not_here_says_so_when_it_is_replayed()
    {
        await using var services = Services(builder => builder.AddDetector<QuotaDetector>());
        var report = await AnalyzeAsync(services);
        await using var later = new ServiceCollection()
            .AddSingleton(services.GetRequiredService<IIncidentStore>()).AddSingleton(services.GetRequiredService<ISpanStore>())
            .AddSingleton(services.GetRequiredService<AgentOps.Rca.Artifacts.ArtifactVault>())
            .AddAgentOpsRca().UseInMemory().Services.BuildServiceProvider();

        var replay = await later.GetRequiredService<IReplayer>().ReplayAsync(report.IncidentId, cancellationToken: Token);

        var deviation = Assert.Single(replay!.Deviations, deviation => deviation.Kind == ReplayDeviationKind.EngineVersionDiffers);
        Assert.Contains(
            $"was made by version {report.EngineVersion} of engine trace, which is not registered here; here is version {new TraceRcaEngine().Version}.",
            deviation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", false)]
    [InlineData("4", false)]
    [InlineData("5", true)]
    public async Task A_report_of_an_earlier_version_is_made_again_as_it_was(string version, bool isCause)
    {
        const string date = """{"command":"date"}""";
        const string scale = """{"command":"kubectl scale deploy/web --replicas=6"}""";
        var rcaCase = new CaseBuilder().Call("run", "agent.run/a", 0, 99)
            .Tool("t1", "shell", 2, 3, scale, "\"Error from server (Forbidden)\"", attributes: """{"status":"error"}""").Tool("t2", "shell", 4, 5, date, "\"Tue\"")
            .Model("m1", 6, 7, [Chat.User("Scale it.")], Chat.Answers("Done, it was scaled.")).Build();
        var engine = Assert.IsAssignableFrom<IRcaEngine>(new RcaEngines([new TraceRcaEngine()]).Find("trace", version));

        var report = await engine.AnalyzeAsync(rcaCase, null, Token);

        Assert.Equal((version, isCause), (report.EngineVersion, report.Verdict == RcaVerdict.Identified));
        Assert.Equal(isCause ? "failed once at 14:53:23 UTC" : "failed once at 14:53:22 UTC", System.Text.RegularExpressions.Regex.Match(report.Summary, "failed once at [0-9:]+ UTC").Value);
    }

    [Fact]
    public async Task An_older_version_beside_the_newer_one_makes_its_reports_again()
    {
        await using var services = Services(builder => builder.AddDetector<QuotaDetector>());
        var report = await AnalyzeAsync(services);
        await using var later = new ServiceCollection()
            .AddSingleton(services.GetRequiredService<IIncidentStore>()).AddSingleton(services.GetRequiredService<ISpanStore>())
            .AddSingleton(services.GetRequiredService<AgentOps.Rca.Artifacts.ArtifactVault>())
            .AddSingleton<IRcaEngine>(new TraceRcaEngine([new QuotaDetector()]))
            .AddAgentOpsRca().UseInMemory().Services.AddSingleton<IRcaEngine, TraceRcaEngine>().BuildServiceProvider();

        var replay = await later.GetRequiredService<IReplayer>().ReplayAsync(report.IncidentId, cancellationToken: Token);

        Assert.DoesNotContain(replay!.Deviations, deviation => deviation.Kind == ReplayDeviationKind.EngineVersionDiffers);
        Assert.All(replay.Analyses, analysis => Assert.True(analysis.Reproduced));
    }

    private static async Task<RcaReport> AnalyzeAsync(ServiceProvider services)
    {
        var incident = Samples.Incident(1);
        await services.GetRequiredService<IIncidentStore>().AddAsync(incident, Token);
        await services.GetRequiredService<ISpanStore>().AddAsync(
            [Samples.Span("t:1", 1_767_225_600_000_000_000, "tool.call/pay", incident.Id.ToString("D"), """{"quota":"used up"}""")], Token);
        var outcome = await services.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incident.Id, Engine = "trace" }, null, Token);
        return Assert.IsType<RcaOutcome.Completed>(outcome).Report;
    }

    private static ServiceProvider Services(Action<IAgentOpsRcaBuilder> configure)
    {
        var collection = new ServiceCollection();
        configure(collection.AddAgentOpsRca().UseInMemory());
        return collection.BuildServiceProvider();
    }

    /// <summary>A detector as a host would write it, with the public surface alone.</summary>
    private sealed class QuotaDetector : IDetector
    {
        public string Version => "7";

        public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
        {
            List<Finding> findings = [];
            foreach (var node in context.Spans.Nodes)
            {
                if (await context.Case.ReadSpan(node.SpanId, cancellationToken) is { } span && span.Attributes.TryGetProperty("quota", out _))
                {
                    findings.Add(Of(node, "quota", "/attributes/quota", $"{node.Tool} used up its quota."));
                }
            }

            return findings;
        }
    }

    private sealed class UntrueDetector : IDetector
    {
        public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<Finding>>([Of(context.Spans.Nodes[0], "untrue", "/attributes/nothing", "It is untrue.")]);
    }

    private static Finding Of(SpanNode node, string kind, string pointer, string cause) => new()
    {
        Kind = kind,
        Category = kind,
        Place = DetectionContext.PlaceOf(node),
        Tool = node.Tool,
        Proof = Proof.Certain,
        Strength = 3,
        AtNs = node.StartNs,
        Cause = cause,
        Facts = [new Fact(node.SpanId, "The span says so.", pointer)],
    };
}
