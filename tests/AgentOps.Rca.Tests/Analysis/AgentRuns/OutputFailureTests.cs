using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Tests.Analysis.Detectors;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>What a command printed tells its failure where nothing else does, and is what was asked for where it was only looked at.</summary>
public sealed class OutputFailureTests
{
    [Theory]
    [InlineData("cd /srv && pytest -q 2>&1 | tail -3", "FAILED tests/test_a.py::test_x\n2 failed, 46 passed in 1.82s", "2 failed, 46 passed in 1.82s")]
    [InlineData("npm test", "Tests:       1 failed, 8 passed, 9 total\nTime: 2.1 s", "Tests: 1 failed, 8 passed, 9 total")]
    [InlineData("python -m unittest", "Ran 9 tests in 0.1s\n\nFAILED (failures=2)", "FAILED (failures=2)")]
    [InlineData("make", "make: *** [build] Error 2\nexit code: 2", "make: *** [build] Error 2")]
    [InlineData("curl https://status.example/x", "curl: (6) Could not resolve host: status.example", "curl: (6) Could not resolve host: status.example")]
    [InlineData("pytest /repo/tests -q", "ImportError while loading conftest\nE   ModuleNotFoundError: No module named 'shapely'", "ModuleNotFoundError: No module named 'shapely'")]
    [InlineData("pytest tests", "Exit code: 5\nWall time: 1.4 seconds\nOutput:\n\nno tests ran in 0.01s\n", "no tests ran in 0.01s")]
    public async Task A_failure_that_only_the_output_tells_counts_where_the_answer_claims_the_opposite(string command, string output, string words)
    {
        var finding = Assert.Single(await Run(command, output, "Done! All 48 tests pass and it has been published.").FindAsync(new FailedStepDetector()));

        Assert.Equal(Proof.Failure, finding.Proof);
        Assert.Contains(words, finding.Cause, StringComparison.Ordinal);
        Assert.Contains("the answer speaks of success all the same", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytest -q", "48 passed in 1.82s")]
    [InlineData("pytest -q", "test_failed_login.py ....\n0 failed, 46 passed in 1.82s")]
    [InlineData("cat build.log", "2 failed, 46 passed in 1.82s")]
    [InlineData("tail -20 deploy.log", "make: *** [build] Error 2")]
    [InlineData("gh run view 77 --log", "2 failed, 46 passed in 1.82s")]
    [InlineData("python report.py", "Words of the day:\nfatal: ending in failure")]
    [InlineData("curl https://status.example/x", "status: 500 is what the page says")]
    [InlineData("make", "exit code: 0")]
    public async Task What_was_asked_for_and_what_is_well_is_no_failure(string command, string output) =>
        Assert.Empty(await Run(command, output, "Done! All 48 tests pass.").FindAsync(new FailedStepDetector()));

    [Fact]
    public async Task Red_tests_of_which_the_answer_tells_are_a_sign_and_red_ones_that_turned_green_are_no_finding()
    {
        const string red = "2 failed, 46 passed in 1.82s";
        Assert.Equal(Proof.Hint, Assert.Single(await Run("pytest -q", red, "Two tests still fail: the export is wrong.").FindAsync(new FailedStepDetector())).Proof);
        Assert.Empty(await Run("pytest -q", red, "Done! All 48 tests pass.", "48 passed in 1.80s").FindAsync(new FailedStepDetector()));
    }

    [Theory]
    [InlineData("run_job", """{"exit_code":3,"output":"disk full"}""", true)]
    [InlineData("run_job", """{"exit_code":0,"output":"disk full"}""", false)]
    [InlineData("get_job", """{"exit_code":3,"output":"disk full"}""", false)]
    [InlineData("data_loader", "\"The load failed at row 3871: numeric overflow. Nothing was inserted.\"", true)]
    [InlineData("data_loader", "\"The load of the failed rows is complete.\"", false)]
    [InlineData("search_bugs", "\"The checkout failed at step 3 for two users.\"", false)]
    public async Task A_tool_of_another_kind_says_it_in_its_exit_code_or_in_a_sentence(string tool, string result, bool isFailed)
    {
        var run = await new CaseBuilder().Call("run", "agent.run/a", 0, 99)
            .Model("m1", 0, 1, [Chat.User("Load it.")], Chat.Asks("c1", tool, "{}")).Tool("t1", tool, 2, 3, "{}", result, "c1")
            .Model("m2", 4, 5, [Chat.User("Load it.")], Chat.Answers("Done, it has been loaded.")).ReadAsync();

        Assert.Equal(isFailed, run.Tools[0].Failure is not null);
    }

    private static CaseBuilder Run(string command, string output, string answer, string? again = null)
    {
        var arguments = $$"""{"command":{{Chat.Text(command)}}}""";
        var run = new CaseBuilder().Call("run", "agent.run/coder", 0, 99)
            .Model("m1", 0, 1, [Chat.User("Fix it.")], Chat.Asks("c1", "Bash", arguments)).Tool("t1", "Bash", 2, 3, arguments, Chat.Text(output), "c1");
        if (again is not null)
        {
            run.Tool("t2", "Bash", 4, 5, arguments, Chat.Text(again));
        }

        return run.Model("m2", 6, 7, [Chat.User("Fix it."), Chat.Told("c1", output)], Chat.Answers(answer));
    }
}
