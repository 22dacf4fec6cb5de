using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

/// <summary>Answers that end at the limit of their tokens and are whole all the same; and guardrails that turned a request away.</summary>
public sealed class ShortAnswerTests
{
    [Theory]
    [InlineData("Choose one of: urgent, normal, later.", "normal")]
    [InlineData("Classify as \"spam\" or \"ham\".", "ham")]
    [InlineData("Which language is it? Answer with\n- Dutch\n- Danish\n- other", "Danish")]
    [InlineData("Sentiment (positive|negative|neutral)", "Negative")]
    public async Task A_label_of_those_that_were_given_is_whole(string system, string label)
    {
        Assert.Empty(await Cut(system, label).FindAsync(new FinishReasonDetector()));
        foreach (var convention in (Convention[])[Convention.GenAi, Convention.OpenInference, Convention.Traceloop, Convention.GoogleAdk])
        {
            Assert.Equal(RcaVerdict.Inconclusive, (await new AgentTrace(convention, system).Asked("Sort this one.").Answers(label, "length").AnalyzeAsync()).Verdict);
        }
    }

    [Theory]
    [InlineData("Choose one of: urgent, normal, later.", "The case is normal because the")]
    [InlineData("Tell the customer what the order costs, and why.", "The")]
    [InlineData("Sum up the order, the price and the date.", "the order")]
    public async Task What_was_cut_off_is_told_with_its_end(string system, string said)
    {
        var finding = Assert.Single(await Cut(system, said).FindAsync(new FinishReasonDetector()));

        Assert.Contains(finding.Facts, fact => fact.Text == $"Its answer ends with “{said}”.");
    }

    [Fact]
    public async Task A_yes_is_whole_where_no_more_was_allowed()
    {
        Assert.Empty(await Cut("Is it raining?", "Yes", """{"gen_ai.request.max_tokens":1}""").FindAsync(new FinishReasonDetector()));
        Assert.Empty(await Cut("Is it raining?", "Yes", """{"llm.invocation_parameters":"{\"max_completion_tokens\":2}"}""").FindAsync(new FinishReasonDetector()));
        Assert.Single(await Cut("Is it raining?", "Yes", """{"gen_ai.request.max_tokens":900}""").FindAsync(new FinishReasonDetector()));
    }

    [Theory]
    [InlineData("I can't help with that, but I can tell you about your own contract.", Proof.Hint)]
    [InlineData("Here is the list of all contracts.", Proof.Certain)]
    public async Task A_guardrail_that_turned_a_request_away_before_any_model_decided(string answer, Proof proof)
    {
        var finding = Assert.Single(await Guarded(answer).FindAsync(new FinishReasonDetector()));

        Assert.Equal(proof, finding.Proof);
    }

    [Fact]
    public async Task A_guardrail_that_stopped_an_answer_is_a_cause()
    {
        var finding = Assert.Single(await Guarded("I can't help with that.").Model("m1", 0.2, 0.8, [Chat.User("list them")], Chat.Answers("A, B, C")).FindAsync(new FinishReasonDetector()));

        Assert.Equal(Proof.Certain, finding.Proof);
    }

    private static CaseBuilder Guarded(string answer) => new CaseBuilder().Call("run", "agent.run/desk", 0, 3, args: "List the contracts of all customers.", result: answer)
        .Call("g", "guardrail/other_people", 1, 2, "run", result: """{"triggered":true,"score":0.97}""");

    private static CaseBuilder Cut(string system, string said, string attributes = "{}") => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 2, [Chat.System(system), Chat.User("Sort this one.")], Chat.Answers(said), finish: "length", attributes: attributes);
}
