using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ObservationAndRefusalTests
{
    private const string Demand = "You are the stock assistant. Always look up stock with get_stock before you answer; never guess.";

    [Theory]
    [InlineData(Demand, "How many of SKU LMP-400 do we have in stock?", "There are 36 pieces of LMP-400.", Proof.Provenance)]
    [InlineData("You are brief.", "What is the stock of LMP-400?", "There are 36 pieces of LMP-400.", Proof.Provenance)]
    [InlineData("You are brief.", "How is our stock?", "There are 36 lamps.", Proof.Hint)]
    public async Task Facts_without_a_call_rest_on_nothing(string system, string request, string answer, object proof)
    {
        var finding = Assert.Single(await Direct(system, request, answer).FindAsync(new MissingObservationDetector()));

        Assert.Equal(proof, finding.Proof);
        Assert.Contains("without a single tool call: get_stock was offered and never called", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi, what can you do?", "I can tell you the stock of an article, for example LMP-400.")]
    [InlineData("Thanks for the stock figures!", "You are welcome.")]
    [InlineData("What is our stock?", "Which article do you mean? A SKU has 6 digits?")]
    [InlineData("What is 12 times 12?", "That is 144.")]
    public async Task Small_talk_and_questions_need_no_call(string request, string answer) =>
        Assert.Empty(await Direct(Demand, request, answer).FindAsync(new MissingObservationDetector()));

    [Theory]
    [InlineData("I'm sorry, but I can't help with that.")]
    [InlineData("I cannot assist with that request.")]
    [InlineData("Sorry, I'm unable to comply with this request.")]
    public async Task A_refusal_without_a_reason_is_named(string answer) =>
        Assert.Equal("refusal", Assert.Single(await AnswerRun.Of("get_it", """{"net":2810.5}""", answer).FindAsync(new RefusalDetector())).Category);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_after_a_model_call_that_was_turned_away_has_that_for_its_reason(bool isTurnedAway)
    {
        const string filtered = """{"status":"error","http.status_code":400,"error.message":"The response was filtered due to the content management policy."}""";
        var run = new CaseBuilder().Call("run", "agent.run/desk", 0, 99)
            .Model("m1", 0, 1, [Chat.User("What dose is safe?")], isTurnedAway ? null : Chat.Answers("Let me look."), attributes: isTurnedAway ? filtered : "{}")
            .Model("m2", 2, 3, [Chat.User("What dose is safe?")], Chat.Answers("Sorry, I can't help with that."), finish: "stop");

        var finding = Assert.Single(await run.FindAsync(new RefusalDetector()));

        Assert.Equal(isTurnedAway ? ("content_filter", "step:m1") : ("refusal", "step:m2"), (finding.Category, finding.Place));
        Assert.Equal(isTurnedAway, finding.Cause.Contains("because a content filter stopped it (HTTP 400", StringComparison.Ordinal));
        Assert.Contains("refused to answer at", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_in_its_own_member_is_read_as_what_the_model_said()
    {
        var run = new CaseBuilder().Call("run", "agent.run/desk", 0, 9)
            .Model("m1", 0, 1, [Chat.User("How do I store it?")], """{"role":"assistant","content":null,"refusal":"I'm sorry, but I can't help with that."}""", finish: "stop");

        Assert.Contains("refused to answer", Assert.Single(await run.FindAsync(new RefusalDetector())).Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I'm sorry, but I can only help with questions on orders, so I can't write an essay.")]
    [InlineData("I can't help with that until you tell me your order number.")]
    [InlineData("It costs 12 EUR.")]
    public async Task A_refusal_with_a_reason_is_an_answer(string answer) =>
        Assert.Empty(await AnswerRun.Of("get_it", """{"net":2810.5}""", answer).FindAsync(new RefusalDetector()));

    private static CaseBuilder Direct(string system, string request, string answer) => new CaseBuilder().Call("run", "agent.run/desk", 0, 9)
        .Model("m1", 0, 1, [Chat.System(system), Chat.User(request)], Chat.Answers(answer), [Chat.Tool("get_stock", """{"type":"object","properties":{"sku":{"type":"string"}}}""")], "stop");
}
