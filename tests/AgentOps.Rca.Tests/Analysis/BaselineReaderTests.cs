using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>What a case is compared with, out of a store.</summary>
public sealed class BaselineReaderTests
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long CaseStart = 1_773_500_000_000_000;

    private readonly InMemorySpanStore _spans = new();
    private readonly ArtifactVault _vault = new(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System);

    [Fact]
    public async Task Without_a_reference_it_is_the_same_tools_calls_of_before_that_belong_to_no_incident()
    {
        await AddAsync(
            [
                .. Runs("usual", 40, CaseStart - (4 * Minute)),
                Call("other", "tool.call/of-another-agent", CaseStart - Minute),
                Call("incident", "tool.call/ship", CaseStart - Minute) with { IncidentId = Samples.Incident(9).Id.ToString("D") },
                Call("later", "tool.call/ship", CaseStart + Minute),
            ]);

        var baseline = await LoadAsync();

        Assert.Equal((80, "recent spans of the same tools that belong to no incident"), (baseline.SpanCount, baseline.Source));
        Assert.Equal(["agent.run/orders", "tool.call/ship"], baseline.Tools.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(40, baseline.Tools["tool.call/ship"].Count);
    }

    [Fact]
    public async Task What_the_same_tools_called_belongs_to_it_also_when_the_case_lacks_that_call()
    {
        await AddAsync([.. Runs("usual", 40, CaseStart - (4 * Minute)), Call("stock", "tool.call/stock", CaseStart - (4 * Minute) + 2) with { ParentId = "usual-0" }]);

        var baseline = await LoadAsync();

        Assert.Equal(1, baseline.Tools["tool.call/stock"].Count);
    }

    [Fact]
    public async Task Recent_calls_are_enough_and_older_ones_are_left_alone()
    {
        await AddAsync([.. Runs("usual", 40, CaseStart - (4 * Minute)), .. Runs("old", 40, CaseStart - (120 * Minute))]);

        Assert.Equal(80, (await LoadAsync()).SpanCount);
    }

    [Fact]
    public async Task An_agent_that_runs_once_a_day_is_compared_with_its_runs_of_the_week()
    {
        const long Day = 24 * 60 * Minute;
        await AddAsync([.. Enumerable.Range(1, 8).SelectMany(day => Runs($"day-{day}", 1, CaseStart - (day * Day) + Minute))]);

        Assert.Equal(7, (await LoadAsync()).Tools["tool.call/ship"].Count);
    }

    [Fact]
    public async Task A_busy_host_is_compared_with_its_newest_calls_and_a_bounded_number_of_them()
    {
        // 60,000 runs within the last half hour, 30 of them within the last five minutes but only 29 calls of one tool.
        await AddAsync([.. Runs("recent", 29, CaseStart - (4 * Minute))]);
        await AddAsync([.. Enumerable.Range(0, 60_000).Select(number => Call($"busy-{number:D5}", "tool.call/ship", CaseStart - (29 * Minute) + number))]);

        var baseline = await LoadAsync();

        Assert.Equal(29, baseline.Tools["tool.call/ship"].Count);
    }

    [Fact]
    public async Task A_range_that_holds_more_than_is_looked_at_is_cut()
    {
        await AddAsync([.. Enumerable.Range(0, BaselineQueries.MostCalls + 10).Select(number => Call($"busy-{number:D5}", "tool.call/ship", CaseStart - Minute + number))]);

        var baseline = await LoadAsync(new RcaReference { FromTs = CaseStart - Minute, ToTs = CaseStart });

        Assert.Equal((BaselineQueries.MostCalls, "the spans of the range of time that was given"), (baseline.SpanCount, baseline.Source));
    }

    [Fact]
    public async Task A_range_in_another_unit_than_the_spans_means_the_same_time()
    {
        await AddAsync([.. Runs("usual", 3, CaseStart - Minute), Call("early", "tool.call/ship", CaseStart - (10 * Minute))]);

        var baseline = await LoadAsync(new RcaReference { FromTs = (CaseStart - (2 * Minute)) / 1000, ToTs = CaseStart / Second });

        Assert.Equal(6, baseline.SpanCount);
    }

    [Fact]
    public async Task A_range_that_holds_the_case_itself_leaves_it_out()
    {
        await AddAsync([.. Runs("usual", 3, CaseStart - Minute), .. Case()]);

        Assert.Equal(6, (await LoadAsync(new RcaReference { FromTs = CaseStart - Minute, ToTs = CaseStart + Minute })).SpanCount);
    }

    [Fact]
    public async Task Other_incidents_are_compared_with_whole_and_share_the_bound()
    {
        var others = Enumerable.Range(20, 4).Select(number => Samples.Incident(number).Id).ToList();
        foreach (var id in others)
        {
            await AddAsync(
                [
                    .. Enumerable.Range(0, 20_000).Select(number =>
                        Call($"{id}-{number:D5}", $"tool.call/{id:N}", CaseStart - (60 * Minute) + number) with { IncidentId = id.ToString("D") }),
                ]);
        }

        var baseline = await LoadAsync(new RcaReference { IncidentIds = others });

        Assert.Equal((BaselineQueries.MostCalls, "the spans of 4 other incidents"), (baseline.SpanCount, baseline.Source));
        Assert.All(others, id => Assert.Equal(BaselineQueries.MostCalls / 4, baseline.Tools[$"tool.call/{id:N}"].Count));
    }

    [Fact]
    public async Task Arguments_that_cannot_be_decoded_are_left_out()
    {
        var digest = (await _vault.PutAsync("""{"\udc00":1}"""u8.ToArray(), "application/json", piiMasked: false)).Artifact.Digest.ToString();
        await AddAsync([Call("odd", "tool.call/ship", CaseStart - Minute) with { ArgsDigest = digest }]);
        var forest = SpanForest.Build([Call("case", "tool.call/ship", CaseStart) with { ArgsDigest = digest }]);

        var baseline = await new CaseLoader(_spans, _vault).LoadBaselineAsync(forest, null, TestContext.Current.CancellationToken);

        Assert.Null(baseline.Tools["tool.call/ship"].Arguments);
    }

    private static IEnumerable<Span> Runs(string name, int count, long start) => Enumerable.Range(0, count).SelectMany(number => new[]
    {
        Call($"{name}-{number}", "agent.run/orders", start + (number * Second)),
        Call($"{name}-{number}-ship", "tool.call/ship", start + (number * Second) + 1) with { ParentId = $"{name}-{number}" },
    });

    private static Span[] Case() => [.. Runs("case", 1, CaseStart)];

    private static Span Call(string id, string tool, long start) => new() { SpanId = id, Tool = tool, StartTs = start, EndTs = start + 1_000 };

    private async Task AddAsync(IReadOnlyList<Span> spans) => Assert.Equal(spans.Count, (await _spans.AddAsync(spans)).Added);

    private async Task<Baseline> LoadAsync(RcaReference? reference = null) =>
        await new CaseLoader(_spans, _vault).LoadBaselineAsync(SpanForest.Build(Case()), reference, TestContext.Current.CancellationToken);
}
