namespace AgentOps.Rca.Tests.Analysis.Detectors;

/// <summary>Whatever is stored as arguments and results, every detector gets over it.</summary>
public sealed class MalformedArtifactTests
{
    public static TheoryData<string> Artifacts =>
    [
        "", " ", "null", "{", "not json", "{\"a\":1,\"a\":2}", "[1,]", new string('[', 200), "1e999", "\u0000", "\"\\u0000\"", "[[],{}]",
        "\"\\ud800\"", "{\"\\udc00\":1}", "{\"id\":\"\\ud800x\",\"version\":1}", "{\"id\":\"ab\",\"version\":\"\\ud800\"}",
        "{\"id\":\"ab\",\"updated_at\":\"\\udfff\"}", "{\"results\":[{\"a\":\"\\ud83d\"}]}",
        "{\"id\":\"ab\",\"updated_at\":99999999999999999999}", "{\"id\":\"ab\",\"version\":99999999999999999999999999999999}",
        "{\"id\":\"ab\",\"version\":\"vvv\"}", "{\"id\":{},\"version\":[]}", "{\"~/\":[],\"id\":\"a/b\",\"version\":2}",
    ];

    [Theory]
    [MemberData(nameof(Artifacts))]
    public async Task No_detector_fails_and_every_fact_holds(string artifact)
    {
        var run = new CaseBuilder()
            .Call("run", "agent.run/orders", 0, 10, args: artifact, result: artifact)
            .Call("think", "llm.call/planner", 1, 2, "run", artifact, artifact);
        for (var i = 0; i < 6; i++)
        {
            run.Call($"t{i}", "tool.call/stock", 3 + i, 3.5 + i, "run", artifact, i % 2 == 0 ? artifact : "{\"id\":\"ab\",\"version\":3}");
        }

        var report = await run.AnalyzeAsync();
        var compared = await run.AnalyzeAsync(run.AsBaseline());

        Assert.All([.. report.Evidence, .. compared.Evidence], evidence => Assert.True(evidence.Checked, $"{evidence.Kind} {evidence.Pointer} {evidence.Quote}"));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_no_result()
    {
        byte[] bytes = [.. "{\"id\":\"ab"u8, 0xFF, .. "\",\"version\":1}"u8];
        var run = new CaseBuilder().Call("a", "tool.call/a", 0, 1).Returning(bytes).Call("b", "tool.call/b", 2, 3, result: "{\"id\":\"ab\",\"version\":2}");

        Assert.DoesNotContain((await run.AnalyzeAsync()).Evidence, evidence => evidence.Kind is "stale_data" or "empty_result");
    }
}
