using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Tests.Analysis.Detectors;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>A failure is made good by a later call that does the same work, and by no other.</summary>
public sealed class SameWorkTests
{
    private const string Denied = "Exit code: 1\nOutput:\nError: pods is forbidden";

    [Theory]
    [InlineData("kubectl scale deploy/web --replicas=6", "kubectl scale deploy/web --replicas=6", true)]
    [InlineData("kubectl scale deploy/web --replicas=6", "kubectl get deploy/web", false)]
    [InlineData("pytest -q", "cd /srv/app && pytest tests -q | tail -3", true)]
    [InlineData("pytest -q", "git diff --stat", false)]
    [InlineData("npm test", "sudo npm run test", true)]
    [InlineData("npm ci && npm test", "npm ci", false)]
    public async Task A_later_command_makes_good_what_it_does_itself(string first, string second, bool isRepaired)
    {
        var run = await Two("shell", Command(first), Chat.Text(Denied), Command(second), "\"ok\"", "Done, it is all in place.").ReadAsync();

        Assert.Equal(isRepaired ? FailureOutcome.Repaired : FailureOutcome.Ignored, run.Tools[0].Outcome);
    }

    [Fact]
    public async Task The_answer_that_speaks_of_success_after_another_command_is_told()
    {
        var finding = Assert.Single(await Two("shell", Command("kubectl scale deploy/web --replicas=6"), Chat.Text(Denied), Command("date"), "\"Tue\"", "Done, web was scaled to 6 replicas.")
            .FindAsync(new FailedStepDetector()));

        Assert.Equal(Proof.Failure, finding.Proof);
        Assert.Contains("the answer speaks of success all the same", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls src/cli", "Exit code 2\nls: cannot access 'src/cli'", "Handled")]
    [InlineData("csvcut -c 1 a.csv", "Exit code 127\nbash: csvcut: command not found", "Handled")]
    [InlineData("terraform apply -auto-approve", "Exit code 1\nError: the state is locked", "Ignored")]
    public async Task Looking_around_and_doing_without_a_program_are_no_failures_of_the_work(string command, string result, string outcome)
    {
        var run = await Two("Bash", Command(command), Chat.Text(result), Command("python3 main.py"), "\"ok\"", "Done, it is in place.", """{"status":"error"}""").ReadAsync();

        Assert.Equal(outcome, run.Tools[0].Outcome.ToString());
    }

    [Theory]
    [InlineData("""{"deal":"D-1120"}""", """{"deal":"D-1120"}""", true)]
    [InlineData("""{"deal":"D-1120"}""", """{"deal":"D-1140"}""", false)]
    [InlineData("""{"ids":["D-1120","D-1121"]}""", """{"ids":["D-1121"]}""", true)]
    [InlineData("""{"ids":["D-1120","D-1121"]}""", """{"ids":["D-1140","D-1141"]}""", false)]
    [InlineData("""{"path":"src/a.py"}""", """{"path":"/repo/src/a.py"}""", true)]
    [InlineData("""{"path":"src/a.py"}""", """{"path":"src/data.py"}""", false)]
    [InlineData("""{"subagent_type":"loader","task":"load"}""", """{"subagent_type":"writer","task":"report"}""", false)]
    [InlineData("""{"note":"first"}""", """{"note":"second"}""", true)]
    public async Task A_later_call_of_a_tool_makes_good_what_it_is_about(string first, string second, bool isRepaired)
    {
        var run = await Two("archive_deals", first, """{"error":"the record is locked by an audit"}""", second, """{"archived":true}""", "All of them have been archived.").ReadAsync();

        Assert.Equal(isRepaired ? FailureOutcome.Repaired : FailureOutcome.Ignored, run.Tools[0].Outcome);
    }

    [Theory]
    [InlineData("""{"error":"validation failed: D-1120 is not a valid id"}""", "Archive the old deals.", true)]
    [InlineData("""{"error":"validation failed: D-1120 is not a valid id"}""", "Archive D-1120 and D-1140.", false)]
    public async Task A_value_that_was_wrong_itself_is_put_right_by_another_one(string result, string request, bool isRepaired)
    {
        var run = await Two("archive_deal", """{"deal":"D-1120"}""", result, """{"deal":"D-1140"}""", """{"archived":true}""", "It has been archived.", request: request).ReadAsync();

        Assert.Equal(isRepaired ? FailureOutcome.Repaired : FailureOutcome.Ignored, run.Tools[0].Outcome);
    }

    [Fact]
    public async Task Red_red_and_green_tests_are_no_cause()
    {
        var report = await Tests(isGreen: true).AnalyzeAsync();
        var red = await Tests(isGreen: false).AnalyzeAsync();

        Assert.Equal(AgentOps.Rca.Analysis.RcaVerdict.Inconclusive, report.Verdict);
        Assert.Equal(AgentOps.Rca.Analysis.RcaVerdict.Identified, red.Verdict);
        Assert.Contains("failed 3 times", red.RootCause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rg -n 'legacyAuth'", "Exit code: 1\nWall time: 1.2 seconds\nOutput:\n", false)]
    [InlineData("grep -rn x tests/", "Exit code 1", false)]
    [InlineData("diff a b", "Exit code 1\n1c1\n< x\n---\n> y", false)]
    [InlineData("grep -rn x tests/", "Exit code 2\ngrep: tests/: No such file or directory", true)]
    [InlineData("make", "Exit code 1", true)]
    public async Task A_search_without_a_match_has_not_failed(string command, string result, bool isFailed)
    {
        var run = await new CaseBuilder().Call("run", "agent.run/a", 0, 9).Tool("t1", "Bash", 1, 2, Command(command), Chat.Text(result), attributes: """{"status":"error"}""").ReadAsync();

        Assert.Equal(isFailed, run.Tools[0].Failure is not null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_another_agent_is_asked_for_afterwards_is_no_users_answer(bool isSubAgent)
    {
        var run = new CaseBuilder().Call("run", "agent.run/close", 0, 99)
            .Model("m1", 0, 1, [Chat.User("Close the month.")], Chat.Asks("c1", "data_loader", "{}"))
            .Tool("d", "data_loader", 1.5, 9, "{}", "\"Row 3871 could not be loaded.\"", "c1").Call("loader", "agent.run/loader", 2, 8, isSubAgent ? "d" : "run")
            .Model("m2", 2, 3, [Chat.User("Load it.")], Chat.Asks("c2", "bulk_insert", "{}"), parent: "loader").Tool("t1", "bulk_insert", 4, 5, "{}", """{"error":"numeric overflow"}""", "c2", "loader")
            .Model("m3", 6, 7, [Chat.User("Load it."), Chat.Told("c2", "numeric overflow")], Chat.Answers("The load failed at row 3871."), parent: "loader")
            .Model("m4", 10, 11, [Chat.User("Close the month.")], Chat.Asks("c3", "report_writer", "{}"))
            .Tool("w", "report_writer", 11.5, 19, "{}", "\"Saved.\"", "c3").Call("writer", "agent.run/writer", 12, 18, "w")
            .Model("m5", 12, 13, [Chat.User("Write the report.")], Chat.Answers("Saved."), parent: "writer")
            .Model("m6", 20, 21, [Chat.User("Close the month.")], Chat.Answers("The close is complete: the ledger has been loaded."));

        Assert.Equal(FailureOutcome.Ignored, (await run.ReadAsync()).Tools.Single(tool => tool.Tool == "bulk_insert").Outcome);
    }

    [Fact]
    public async Task What_a_user_says_afterwards_is_one()
    {
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 99)
            .Model("m1", 0, 1, [Chat.User("Book seat A12.")], Chat.Asks("c1", "book_seat", """{"seat":"A12-4"}""")).Tool("t1", "book_seat", 2, 3, """{"seat":"A12-4"}""", """{"error":"the seat is taken"}""", "c1")
            .Model("m2", 4, 5, [Chat.User("Book seat A12."), Chat.Told("c1", "the seat is taken")], Chat.Answers("That seat could not be booked; which other one?"))
            .Model("m3", 6, 7, [Chat.User("None, thanks.")], Chat.Answers("All right.")).ReadAsync();

        Assert.Equal(FailureOutcome.Handled, run.Tools[0].Outcome);
    }

    private static CaseBuilder Tests(bool isGreen)
    {
        var run = new CaseBuilder { Problem = "imported_run" }.Call("run", "agent.run/coder", 0, 40).Model("m0", 0, 1, [Chat.User("Fix it.")], Chat.Asks("c0", "Bash", Command("pytest -q")));
        for (var i = 0; i < 3; i++)
        {
            run.Tool($"t{i}", "Bash", 2 + (10 * i), 5 + (10 * i), Command("pytest -q"), Chat.Text($"Exit code 1\n{i + 1} failed, 3 passed"), attributes: """{"status":"error"}""");
        }

        return run.Tool("t9", "Bash", 32, 34, Command(isGreen ? "pytest -q" : "git diff"), "\"28 passed in 0.29s\"").Model("m9", 38, 39, [Chat.User("Fix it.")], Chat.Answers("Fixed. All 28 tests pass."));
    }

    private static string Command(string text) => $$"""{"command":{{Chat.Text(text)}}}""";

    private static CaseBuilder Two(string tool, string first, string result, string second, string answered, string answer, string? attributes = null, string request = "Do it.") => new CaseBuilder()
        .Call("run", "agent.run/a", 0, 99)
        .Model("m1", 0, 1, [Chat.User(request)], Chat.Asks("c1", tool, first)).Tool("t1", tool, 2, 3, first, result, "c1", attributes: attributes ?? (result.StartsWith('"') ? """{"status":"error"}""" : "{}"))
        .Model("m2", 4, 5, [Chat.User(request), Chat.Told("c1", "it failed")], Chat.Asks("c2", tool, second)).Tool("t2", tool, 6, 7, second, answered, "c2")
        .Model("m3", 8, 9, [Chat.User(request), Chat.Told("c2", "ok")], Chat.Answers(answer));
}
