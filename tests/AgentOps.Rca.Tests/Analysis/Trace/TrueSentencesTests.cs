using AgentOps.Rca.Redaction;
using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Analysis.Trace;

/// <summary>Sentences of reports that were untrue of the runs that they told of.</summary>
public sealed class TrueSentencesTests
{
    [Fact]
    public async Task What_failed_beneath_steps_that_went_well_is_said()
    {
        var run = new AgentTrace(Convention.GenAi).Asked("What is the rate?").Calls(("c1", "get_rate", """{"pair":"EURSEK"}"""))
            .Runs("c1", "get_rate", """{"pair":"EURSEK"}""", """{"rate":11.2}""").Below(new OtlpRecord("GET", """{"http.request.method":"GET"}""") { Error = "read timed out" }, 1.1, 1.3)
            .Below(new OtlpRecord("POST", """{"http.request.method":"POST"}"""), 1.3, 1.5);
        var report = await run.Answers("The rate is 11.2.").AnalyzeAsync();

        Assert.Contains("1 span is recorded as failed: svc/GET (“read timed out”).", report.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing is recorded as failed", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_failed_that_is_said()
    {
        var report = await new AgentTrace(Convention.GenAi).Asked("What is the rate?").Answers("I do not know the rates.").AnalyzeAsync();

        Assert.Contains("Nothing is recorded as failed", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_that_answered_is_named()
    {
        var other = await new AgentTrace(Convention.Traceloop).Asked("Hello").ModelFails("503: overloaded").AnswersAs("small-1b", "Hello yourself.").AnalyzeAsync();
        var same = await new AgentTrace(Convention.Traceloop).Asked("Hello").ModelFails("503: overloaded").Answers("Hello yourself.").AnalyzeAsync();

        Assert.Contains("a later call, of another model (llm.call/small-1b), was answered", other.Summary, StringComparison.Ordinal);
        Assert.Contains("a later call of it was answered", same.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_was_asked_for_what_its_outermost_agent_was_asked_for()
    {
        // The outer agent has no record of its own input, and calls its model after those of the inner one.
        var report = await new CaseBuilder { Problem = "imported_run" }.Call("run", "agent.run/editor", 0, 9).Call("inner", "agent.run/writer", 0.1, 4, "run")
            .Model("m1", 0.2, 1, [Chat.User("Write the page from table sales.")], Chat.Answers("Here is the page."), parent: "inner")
            .Model("m2", 5, 6, [Chat.User("Renew the figures, then write the page.")], Chat.Answers("The page is there.")).AnalyzeAsync();

        Assert.Contains("“Renew the figures, then write the page.”", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_was_never_made_is_not_one_whose_result_was_not_recorded()
    {
        var report = await new AgentTrace(Convention.Pydantic) { RunError = "cancelled by the host" }.Asked("Read both logs.").Calls(("c1", "read_log", """{"name":"a"}"""))
            .Runs("c1", "read_log", """{"name":"a"}""", "all is well").Calls(("c2", "read_log", """{"name":"b"}""")).AnalyzeAsync();

        Assert.Contains("1 tool call of 2 was asked for, and nothing records that it was made.", report.Gaps);
        Assert.DoesNotContain(report.Gaps, gap => gap.StartsWith("The results of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_attempts_count_however_each_of_them_failed()
    {
        const string given = """{"title":"Nightly"}""";
        var run = new AgentTrace(Convention.GenAi).Asked("File the ticket.");
        foreach (var (id, error) in ((string, string)[])[("c1", "connection closed by the server"), ("c2", "session is gone"), ("c3", "session is gone")])
        {
            run.Calls((id, "file_ticket", given)).Runs(id, "file_ticket", given, null, error);
        }

        var report = await run.Answers("The ticket could not be filed.").AnalyzeAsync();

        // How it failed first led to the rest.
        Assert.Contains("connection closed by the server", report.RootCause, StringComparison.Ordinal);
        Assert.Contains("none of these attempts succeeded", report.RootCause, StringComparison.Ordinal);
        Assert.Contains(report.ContributingFactors, factor => factor.StartsWith("tool.call/file_ticket was tried 3 times with failures, 3 of them with the same arguments", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tool_that_there_is_none_of_is_not_asked_for_what_does_not_exist()
    {
        var none = await Missing("Unknown tool: close_account").AnalyzeAsync();
        var record = await Missing("account 7 not found").AnalyzeAsync();

        Assert.Contains(none.Recommendations, advice => advice.StartsWith("As its error says, there was no tool tool.call/close_account", StringComparison.Ordinal) || advice.StartsWith("As its error says, there was no tool close_account", StringComparison.Ordinal));
        Assert.DoesNotContain(record.Recommendations, advice => advice.Contains("there was no tool", StringComparison.Ordinal));

        static AgentTrace Missing(string error) => new AgentTrace(Convention.GenAi).Asked("Close my account.").Calls(("c1", "close_account", """{"id":7}"""))
            .Runs("c1", "close_account", """{"id":7}""", null, error).Answers("Your account has been closed.");
    }

    [Theory]
    [InlineData("Invalid Credentials: access token expired", "Invalid Credentials: access token expired")]
    [InlineData("token is not accepted", "token is not accepted")]
    [InlineData("credentials: hunter22", "credentials: [SECRET_1]")]
    public void Words_about_a_secret_are_none(string text, string shown) => Assert.Equal(shown, new Redactor().Redact(text));
}
