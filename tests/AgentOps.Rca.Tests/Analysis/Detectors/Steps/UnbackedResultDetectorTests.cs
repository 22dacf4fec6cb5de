using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class UnbackedResultDetectorTests
{
    private const string Refused = """{"status":"error","error.type":"ConnectError","error.message":"certificate has expired"}""";
    private const string Missing = """{"status":"error","http.response.status_code":404}""";

    [Fact]
    public async Task A_result_whose_only_call_to_the_outside_failed_cannot_come_from_there()
    {
        var finding = Assert.Single(await Run("""{"rate":1.0}""", "It is 100 NOK.", static run => run.Call("g", "svc/GET", 2.1, 2.5, "t1", attributes: Refused)).FindAsync(new UnbackedResultDetector()));

        Assert.Equal(("swallowed_error", "step:t1", Proof.Causal), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("tool.call/fx_rate answered", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("certificate has expired", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_that_says_so_is_one_also_where_a_cache_was_asked_after_it() =>
        Assert.Single(await Run("""{"rate":1.0,"source":"default"}""", "It is 100 NOK.", static run => run.Call("g", "svc/GET", 2.1, 2.3, "t1", attributes: Refused).Call("c", "svc/redis GET", 2.4, 2.5, "t1")).FindAsync(new UnbackedResultDetector()));

    [Theory]
    [InlineData("""{"rate":11.8}""", "It is 1180 NOK.", Refused, true)]
    [InlineData("""{"rate":11.5,"note":"the rate service is unavailable, cached value of yesterday"}""", "It is 1150 NOK.", Refused, false)]
    [InlineData("""{"rate":1.0}""", "The rate service could not be reached, so I took 1.0 for now.", Refused, false)]
    [InlineData("""{"discount":0}""", "There is no discount.", Missing, false)]
    public async Task What_came_from_a_second_source_what_says_so_and_what_is_not_there_are_no_faults(string result, string answer, string failure, bool again) =>
        Assert.Empty(await Run(result, answer, run =>
        {
            run.Call("g", "svc/GET", 2.1, 2.3, "t1", attributes: failure);
            if (again)
            {
                run.Call("g2", "svc/GET", 2.4, 2.5, "t1");
            }
        }).FindAsync(new UnbackedResultDetector()));

    private static CaseBuilder Run(string result, string answer, Action<CaseBuilder> below)
    {
        const string arguments = """{"quote":"NOK"}""";
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 99)
            .Model("m1", 0, 1, [Chat.User("How much is 100 EUR?")], Chat.Asks("c1", "fx_rate", arguments)).Tool("t1", "fx_rate", 2, 3, arguments, result, "c1");
        below(run);
        return run.Model("m2", 6, 7, [Chat.User("How much is 100 EUR?"), Chat.Told("c1", result)], Chat.Answers(answer));
    }
}
