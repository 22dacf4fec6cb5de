using AgentOps.Rca.Analysis.Detectors.Steps;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class WrongArgumentTests
{
    [Theory]
    [InlineData("""{"total":1190,"currency":"DKK"}""", """{"amount":1190,"currency":"EUR"}""", "with 1190 EUR as amount")]
    [InlineData("""{"total":425.8,"currency":"DKK"}""", """{"total":452.8}""", "with 452.8 as total")]
    public async Task An_amount_that_the_results_contradict_is_named(string order, string given, string words)
    {
        var finding = Assert.Single(await Run(order, given).FindAsync(new ContradictedArgumentDetector()));

        Assert.Equal("step:m2", finding.Place);
        Assert.Contains(words, finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"total":1190,"currency":"DKK"}""", """{"amount":1190,"currency":"DKK"}""")]
    [InlineData("""{"total":1190}""", """{"amount":1190,"currency":"EUR"}""")]
    [InlineData("""{"total":425.8}""", """{"total":212.9}""")]
    [InlineData("""{"quantity":24}""", """{"quantity":12}""", "Return 12 of them, please.")]
    public async Task What_was_asked_for_or_follows_is_no_contradiction(string order, string given, string request = "Refund it in full.") =>
        Assert.Empty(await Run(order, given, request).FindAsync(new ContradictedArgumentDetector()));

    [Theory]
    [InlineData("""{"card_id":"CRD-71723"}""", """{"card_id":"CRD-77123"}""", true)]
    [InlineData("""{"card_id":"CRD-71723"}""", """{"card_id":"CRD-71723"}""", false)]
    [InlineData("""{"note":"CRD-71723"}""", """{"reference":"REF-99120"}""", false)]
    public async Task An_id_that_should_have_come_from_a_result_is_invented_though_it_was_taken(string cards, string given, bool isInvented) =>
        Assert.Equal(isInvented, (await Run(cards, given).FindAsync(new InventedValueDetector())).Any());

    [Theory]
    [InlineData("""{"name":"Ines Calder","phone":"+45 5512 8840"}""", "Call +45 5512 8480.", "“8480”")]
    [InlineData(""" "Member M-22: points=4820, tier=silver" """, "You have 8,420 of them.", "“8,420”")]
    [InlineData("""{"departure":"14:35","platform":6}""", "It leaves at 15:34 from platform 6.", "“15:34”")]
    [InlineData("""{"account":"4471","balance":1250.40}""", "The balance is 2,150.40 EUR.", "“2,150.40”, which does not occur in anything that the run had seen; tool.call/get_it had returned “1250.40”")]
    public async Task Digits_in_another_order_are_misread(string result, string answer, string said) =>
        Assert.Contains(said, Assert.Single(await AnswerRun.Of("get_it", result, answer).FindAsync(new MisreadDigitsDetector())).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"phone":"+45 5512 8840"}""", "Call +45 5512 8840.")]
    [InlineData("""{"departure":"14:35","arrival":"15:34"}""", "It arrives at 15:34.")]
    [InlineData("""{"a":1234,"b":3087}""", "Together they are 4321.")]
    public async Task Digits_that_were_read_or_computed_are_not(string result, string answer) =>
        Assert.Empty(await AnswerRun.Of("get_it", result, answer).FindAsync(new MisreadDigitsDetector()));

    [Theory]
    [InlineData("send_invites", """{"sent":3,"failed":2}""", "All members have been invited.", true)]
    [InlineData("send_invites", """{"sent":3,"failures":["ana@x.example"]}""", "All members have been invited.", true)]
    [InlineData("send_invites", """{"sent":5,"failed":0,"failures":[]}""", "All members have been invited.", false)]
    [InlineData("send_invites", """{"sent":3,"failed":2}""", "3 members have been invited; 2 invitations failed.", false)]
    [InlineData("get_report", """{"passed":3,"failed":2}""", "The report has been read.", false)]
    public async Task A_change_that_was_made_in_part_must_be_told(string tool, string result, string answer, bool isFound) =>
        Assert.Equal(isFound, (await AnswerRun.Of(tool, result, answer).FindAsync(new PartialFailureDetector())).Any());

    private static CaseBuilder Run(string order, string given, string request = "Refund it in full.") => new CaseBuilder().Call("run", "agent.run/desk", 0, 99)
        .Model("m1", 0, 1, [Chat.User(request)], Chat.Asks("c1", "get_order", "{}"))
        .Tool("t1", "get_order", 2, 3, "{}", order, "c1")
        .Model("m2", 4, 5, [Chat.User(request), Chat.Asks("c1", "get_order", "{}"), Chat.Told("c1", order)], Chat.Asks("c2", "refund_order", given))
        .Tool("t2", "refund_order", 6, 7, given, """{"refunded":true}""", "c2")
        .Model("m3", 8, 9, [Chat.User(request), Chat.Told("c2", "true")], Chat.Answers("Your order was refunded."));
}
