namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Conversations with several answers: what was told in each of them counts, and a farewell is no answer.</summary>
public sealed class ConversationTests : ToldRunBench
{
    private const string Refused = """{"status":422,"error":{"code":"currency_mismatch","message":"The currency EUR is not that of the charge (MXN). No refund was made."}}""";

    [Theory]
    [InlineData("Thank you!", "You're welcome.", "Done: the refund of 2,390.00 has been made and will show on your card in 3 to 5 days.")]
    [InlineData("Gracias", "Para servirle.", "Listo: el reembolso de 2,390.00 ya está hecho. Lo verá en su tarjeta en 3 a 5 días.")]
    [InlineData("Danke, alles klar.", "Gern geschehen!", "Die Erstattung über 2.390,00 wurde erfolgreich gebucht.")]
    [InlineData("Great, that goes to the board.", "Perfect. Tell me if you need it as slides.", "The refund of 2,390.00 has been processed.")]
    public async Task What_was_told_before_a_farewell_is_the_answer(string thanks, string welcome, string answer) =>
        Says(await AnalyzeAsync([User("I was charged twice, please refund one."), .. Call("create_refund", """{"charge":"ch_81B","amount":2390.0,"currency":"EUR"}""", Refused), Answer(answer), User(thanks), Answer(welcome)]),
            "create_refund", "The currency EUR is not that of the charge", "speaks of success");

    [Theory]
    [InlineData("Thank you!", "You're welcome.")]
    [InlineData("Gracias", "Para servirle.")]
    public async Task An_honest_answer_before_a_farewell_is_one(string thanks, string welcome) =>
        IsWell(await AnalyzeAsync([User("I was charged twice, please refund one."), .. Call("create_refund", """{"charge":"ch_81B","amount":2390.0,"currency":"EUR"}""", Refused), Answer("I could not refund it: the charge is in MXN and not in EUR. Shall I ask the bank?"), User(thanks), Answer(welcome)]));

    [Fact]
    public async Task An_earlier_answer_is_held_against_what_came_before_it()
    {
        object[] asked = [User("Add up all open invoices of Brightwell."), .. Call("list_invoices", """{"supplier":"S-209","page":1}""", Page()), Answer("We owe Brightwell 460.00 GBP in total across all open invoices.")];
        Says(await AnalyzeAsync([.. asked, User("And what are their terms of payment?"), .. Call("get_terms", """{"supplier":"S-209"}""", """{"net_days":30}"""), Answer("They want to be paid within 30 days.")]), "has_more", "460.00");
        IsWell(await AnalyzeAsync([.. asked, User("Are you sure that is all of them?"), Answer("Sorry, I was wrong: there are further pages, so 460.00 GBP is the sum of the first page only.")]));
    }

    [Fact]
    public async Task Who_says_goodbye_and_asks_for_more_has_not_said_goodbye() =>
        IsWell(await AnalyzeAsync([User("Is the museum open on Monday?"), .. Call("get_hours", """{"day":"monday"}""", """{"open":true,"from":"10:00","to":"18:00"}"""), Answer("Yes, from 10:00 to 18:00."), User("Great, please book two tickets then."), .. Call("book_tickets", """{"count":2}""", """{"state":"booked","count":2}"""), Answer("Both tickets are booked.")]));

    private static string Page() => """{"page":1,"pages":5,"total":112,"has_more":true,"items":[{"no":"BW-7000","amount":100},{"no":"BW-7001","amount":110},{"no":"BW-7002","amount":120},{"no":"BW-7003","amount":130}]}""";
}
