using AgentOps.Rca.Analysis;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>An incident that was analysed again and again: what the analyses have in common is worked out once.</summary>
public sealed class RepeatedAnalysesTests
{
    [Fact]
    public async Task The_same_case_is_read_and_worked_out_once_however_often_it_was_analysed()
    {
        var (recorded, engine) = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            await recorded.AnalyzeAsync($"analyst {i}");
        }

        var alone = await ReplayAsync(recorded, engine, isTimeless: false);
        var shared = await ReplayAsync(recorded, engine, isTimeless: true);

        Assert.Equal((6, 1), (alone.Runs, shared.Runs));
        Assert.Equal(ReplayVerdict.Reproduced, shared.Result.Verdict);
        Assert.Equal(alone.Result.ReplayDigest, shared.Result.ReplayDigest);
        Assert.Equal(6, shared.Result.Analyses.Select(analysis => analysis.ReportDigest).Distinct().Count());
        Assert.All(shared.Result.Analyses, analysis => Assert.True(analysis.Reproduced));
        // The walk and the analyses read them together.
        Assert.Equal(1, shared.Readings);
    }

    [Fact]
    public async Task Evidence_that_came_between_two_analyses_makes_another_case()
    {
        var (recorded, engine) = await CreateAsync();
        await recorded.AnalyzeAsync();
        await recorded.AddAsync(recorded.Span("between", 1_000_030));
        await recorded.AnalyzeAsync();
        await recorded.AnalyzeAsync();

        var alone = await ReplayAsync(recorded, engine, isTimeless: false);
        var shared = await ReplayAsync(recorded, engine, isTimeless: true);

        Assert.Equal((4, 2), (alone.Runs, shared.Runs));
        Assert.Equal(ReplayVerdict.Reproduced, shared.Result.Verdict);
        Assert.Equal(alone.Result.ReplayDigest, shared.Result.ReplayDigest);
        Assert.Equal(alone.Result.Deviations, shared.Result.Deviations);
        Assert.Equal(2, shared.Result.Deviations.Count(deviation => deviation.Kind == ReplayDeviationKind.EvidenceAdded));
    }

    // What this process lacks says nothing of the recording.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_engine_that_runs_out_of_memory_is_no_finding(bool isTimeless)
    {
        var (recorded, engine) = await CreateAsync();
        engine.Change = static _ => throw new InsufficientMemoryException();

        await Assert.ThrowsAsync<InsufficientMemoryException>(() => ReplayAsync(recorded, engine, isTimeless));
    }

    [Fact]
    public async Task A_span_that_changed_is_named_for_each_analysis_of_it()
    {
        var (recorded, engine) = await CreateAsync();
        await recorded.AnalyzeAsync();
        recorded.Spans.Changed["later"] = span => span with { EndTs = span.EndTs + 1 };

        var alone = await ReplayAsync(recorded, engine, isTimeless: false);
        var shared = await ReplayAsync(recorded, engine, isTimeless: true);

        Assert.Equal(ReplayVerdict.Diverged, shared.Result.Verdict);
        Assert.Equal(2, shared.Result.Deviations.Count(deviation => deviation.Kind == ReplayDeviationKind.EvidenceChanged));
        Assert.Equal(alone.Result.Deviations, shared.Result.Deviations);
        Assert.Equal(0, shared.Runs);
    }

    [Fact]
    public async Task A_report_that_is_not_what_its_case_gives_is_named_among_those_that_are()
    {
        var (recorded, engine) = await CreateAsync();
        engine.Change = report => report with { Summary = "Something else." };
        await recorded.AnalyzeAsync();
        engine.Change = null;
        await recorded.AnalyzeAsync();

        var shared = await ReplayAsync(recorded, engine, isTimeless: true);

        Assert.Equal(1, shared.Runs);
        Assert.Equal(ReplayVerdict.Diverged, shared.Result.Verdict);
        Assert.Equal([true, false, true], shared.Result.Analyses.Select(analysis => analysis.Reproduced));
    }

    private static async Task<(RecordedIncident Recorded, CountingEngine Engine)> CreateAsync()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var engine = new CountingEngine();
        recorded.Engines[0] = engine;
        return (recorded, engine);
    }

    private static async Task<(ReplayResult Result, int Runs, int Readings)> ReplayAsync(RecordedIncident recorded, CountingEngine engine, bool isTimeless)
    {
        (engine.IsTimeless, engine.Runs, recorded.Spans.Readings) = (isTimeless, 0, 0);
        return (await recorded.ReplayAsync(), engine.Runs, recorded.Spans.Readings);
    }

    private sealed class CountingEngine : ITimelessEngine
    {
        private readonly FirstFailureEngine _engine = new();

        public string Name => _engine.Name;

        public string Version => _engine.Version;

        public bool IsTimeless { get; set; }

        public int Runs { get; set; }

        public Func<RcaReport, RcaReport>? Change { get; set; }

        public async ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            Runs++;
            var report = await _engine.AnalyzeAsync(rcaCase, progress, cancellationToken);
            return Change is null ? report : Change(report);
        }
    }
}
