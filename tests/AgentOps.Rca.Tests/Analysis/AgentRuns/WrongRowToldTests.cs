namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Numbers and states of a list that the answer tells of another record of it. Beside each stand answers that look like it and are well.</summary>
public sealed class WrongRowToldTests : ToldRunBench
{
    private const string Pumps = """{"items":[{"sku":"P-1","name":"Aqua 300 pump","price":149.5,"flow_l":900},{"sku":"P-2","name":"Aqua 300 Eco pump","price":189.5,"flow_l":750},{"sku":"P-3","name":"Terra 80 pump","price":99.5,"flow_l":600}]}""";
    private const string Claims = """{"claims":[{"id":"CL-204","status":"approved","amount":40.5},{"id":"CL-219","status":"pending","amount":88.5}]}""";

    [Theory]
    [InlineData("The Aqua 300 Eco costs 149.50 EUR.", "149.50", "Aqua 300 Eco pump")]
    [InlineData("Die Aqua 300 Eco kostet 149,50 €.", "149,50", "Aqua 300 Eco pump")]
    [InlineData("La Terra 80 mueve 750 litros por hora.", "750", "Terra 80 pump")]
    public async Task A_number_of_another_row_is_told_of_the_one_that_is_named(string answer, string said, string name) =>
        Says(await AnalyzeAsync([User("Tell me about the pumps."), .. Call("search_catalog", """{"q":"pump"}""", Pumps), Answer(answer)]), said, name);

    [Theory]
    [InlineData("The Aqua 300 Eco costs 189.50 EUR.")]
    [InlineData("The Aqua 300 costs 149.50 EUR; the Eco version is 189.50 EUR.")]
    [InlineData("The Terra 80 is cheaper than the others, which start at 149.50 EUR.")]
    [InlineData("The Aqua 300 and the Aqua 300 Eco cost 149.50 EUR and 189.50 EUR.")]
    [InlineData("The Terra 80 loses 750 ml a day.")]
    [InlineData("The Terra 80 pump is 50 EUR below the next one.")]
    public async Task A_number_of_the_row_itself_or_of_several_is_well(string answer) =>
        IsWell(await AnalyzeAsync([User("Tell me about the pumps."), .. Call("search_catalog", """{"q":"pump"}""", Pumps), Answer(answer)]));

    [Fact]
    public async Task A_state_of_another_row_is_told_of_the_one_that_is_named()
    {
        Says(await AnalyzeAsync([User("Has my second claim been approved?"), .. Call("list_claims", """{"q":1}""", Claims), Answer("Your claim CL-219 is approved.")]), "CL-219", "the answer contradicts the result");
        IsWell(await AnalyzeAsync([User("Has my first claim been approved?"), .. Call("list_claims", """{"q":1}""", Claims), Answer("Your claim CL-204 is approved.")]));
        IsWell(await AnalyzeAsync([User("Which are approved?"), .. Call("list_claims", """{"q":1}""", Claims), Answer("CL-204 is approved, CL-219 is still pending.")]));
    }
}
