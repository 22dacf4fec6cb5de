namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>What was known and not heeded: the word of another agent, a lookup in vain, an answer that was cut off; and results that only look as if something was wrong.</summary>
public sealed class UnheededTests : ToldRunBench
{
    private const string Denied = """{"status":401,"error":"invalid_token","error_description":"The access token has expired"}""";

    [Fact]
    public async Task What_a_checker_forbade_and_was_done_unchanged_is_the_cause()
    {
        object[] begin = [User("Write a short piece on the study, and publish it."), .. Call("save_draft", """{"body":"73 percent sleep longer"}""", """{"id":"D-88"}""")];
        var no = Answer("Do not publish. The draft says 73 percent, the study says 37 percent.");
        var publish = Call("publish", """{"draft":"D-88"}""", """{"state":"published"}""");
        Says(await AnalyzeAsync([.. begin, no, .. publish, Answer("The piece is online.")]), "publish", "Do not publish");

        IsWell(await AnalyzeAsync([.. begin, no, .. Call("save_draft", """{"body":"37 percent sleep longer"}""", """{"id":"D-88"}"""), .. publish, Answer("The piece is online.")]));
        IsWell(await AnalyzeAsync([.. begin, no, User("It is 73 for those with children, I checked. Go on."), .. publish, Answer("The piece is online.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("If the figure is wrong, do not publish it."), .. publish, Answer("The piece is online.")]));
    }

    [Theory]
    [InlineData("| Region | Pipeline |\n|---|---|\n| EMEA | 4.2 M |\n\nLargest open deals of the pipeline: Northwind (1.1 M), Contoso (0.9 M).")]
    [InlineData("The pipeline of Q3 is at 13,100,000 EUR.")]
    public async Task Figures_about_what_was_looked_up_in_vain_are_invented(string answer)
    {
        object[] asked = [User("Please give me the Q3 pipeline by region."), .. Call("kb_search", """{"q":"report template"}""", """[{"doc_id":"TPL-2","text":"Use one table by region."}]""")];
        Says(await AnalyzeAsync([.. asked, .. Call("crm_pipeline", """{"quarter":"2026Q3"}""", "[]"), Answer(answer)]), "crm_pipeline");
        Says(await AnalyzeAsync([.. asked, .. Call("crm_pipeline", """{"quarter":"2026Q3"}""", Denied), Answer(answer), User("Great, that goes to the board."), Answer("Perfect.")]), "crm_pipeline");
        IsWell(await AnalyzeAsync([.. asked, .. Call("crm_pipeline", """{"quarter":"2026Q3"}""", "[]"), Answer("The CRM has no pipeline for this quarter. A report usually shows 3 regions.")]));
        IsWell(await AnalyzeAsync([.. asked, .. Call("crm_pipeline", """{"quarter":"2026Q3"}""", "[]"), .. Call("crm_export", """{}""", """{"rows":[{"eur":13100000},{"eur":4200000}],"text":"4.2 M, 1.1 M, 0.9 M"}"""), Answer(answer)]));
    }

    [Fact]
    public async Task A_thought_that_gives_nothing_back_looked_nothing_up() =>
        IsWell(await AnalyzeAsync([User("Exchange my hiking boots of order W-4410."), .. Call("get_order", """{"id":"W-4410"}""", """{"items":[{"name":"hiking boots","price":246.69}]}"""), .. Call("think", """{"thought":"the waterproof boots cost more"}""", ""), Answer("Your hiking boots will be exchanged for the waterproof ones; you pay 23.99 more.")]));

    [Fact]
    public async Task A_call_that_was_cut_off_is_the_cause_of_what_finds_no_end() =>
        Says(await AnalyzeAsync(
            User("Write envs/quota.yaml and validate it."),
            new
            {
                role = "assistant",
                content = new object[] { new { type = "text", text = "Now I write the file." }, new { type = "tool_use", id = "w1", name = "write_file", input = new { path = "envs/quota.yaml", content = "dev:\n  resources: {cpu: 100m, mem" } } },
                stop_reason = "max_tokens",
            },
            new { role = "user", content = new object[] { new { type = "tool_result", tool_use_id = "w1", content = new[] { new { type = "text", text = "Wrote 34 bytes" } } } } },
            new { role = "assistant", content = new object[] { new { type = "tool_use", id = "v1", name = "validate", input = new { path = "envs/quota.yaml" } } } },
            new { role = "user", content = new object[] { new { type = "tool_result", tool_use_id = "v1", is_error = true, content = new[] { new { type = "text", text = "yaml: line 2: did not find expected ',' or '}': unexpected end of input" } } } } },
            Answer("I created envs/quota.yaml; the validator seems to have a problem with inline maps.")), "cut off", "max_tokens", "write_file", "unexpected end of input");

    [Fact]
    public async Task The_words_of_an_error_are_taken_out_of_the_list_that_it_comes_in() =>
        Says(await AnalyzeAsync(
            User("Validate envs/quota.yaml."),
            new { role = "assistant", content = new object[] { new { type = "tool_use", id = "v1", name = "validate", input = new { path = "envs/quota.yaml" } } } },
            new { role = "user", content = new object[] { new { type = "tool_result", tool_use_id = "v1", is_error = true, content = new[] { new { type = "text", text = "schema server is gone" } } } } },
            Answer("Done, the file is valid.")), "\"schema server is gone\"");

    [Fact]
    public async Task The_same_question_with_the_same_answer_until_the_steps_are_used_up_is_the_cause()
    {
        object[] asked = [.. Enumerable.Range(0, 9).SelectMany(time => Call("web_search", """{"q":"forklifts 2025"}""", $$"""{"hits":[{"title":"912,000 sold"}],"took_ms":{{100 + time}}}"""))];
        Says(await AnalyzeAsync([User("Write a report on forklifts."), .. asked, Answer("抱歉，步骤已达上限，我还没能完成报告。")]), "web_search", "9 times");
        IsWell(await AnalyzeAsync([User("Write a report on forklifts."), .. asked, Answer("In 2025 912,000 forklifts were sold.")]));
    }

    [Fact]
    public async Task What_looks_wrong_and_is_not_raises_no_alarm()
    {
        // An id out of a range that was named, a rejection that was asked for, a page that one address of a site refuses and another one tells.
        IsWell(await AnalyzeAsync([User("Add up the invoices INV-501 to INV-531."), .. Call("get_invoice", """{"no":"INV-501"}""", """{"no":"INV-501","net":10}"""), .. Call("get_invoice", """{"no":"INV-502"}""", """{"no":"INV-502","net":20}"""), Answer("I have added up the first two: 30.")]));
        IsWell(await AnalyzeAsync([User("Reject the claim EXP-2231, it is over the budget."), .. Call("reject_expense", """{"id":"EXP-2231","reason":"over budget"}""", """{"id":"EXP-2231","state":"rejected","reason":"over budget","at":"2026-05-02"}"""), Answer("The claim EXP-2231 is rejected.")]));
        IsWell(await AnalyzeAsync([User("How many people live in Valmora?"), .. Call("open_page", """{"url":"https://stat.example/valmora"}""", "HTTP 403 Forbidden: automated access needs a header"), .. Call("open_page", """{"url":"https://stat.example/api/population?m=Valmora"}""", """{"population":521847}"""), Answer("521,847 people live there.")]));

        // What was made has an id of its own; a lookup that tells how long it took is the same each time.
        IsWell(await AnalyzeAsync([User("Transfere o saldo da conta C-3301."), .. Call("transferir_saldo", """{"id":"C-3301"}""", """{"data":{"id":"T-551","state":"ok"}}"""), Answer("O saldo foi transferido: T-551.")]));
        Assert.DoesNotContain("differently", (await AnalyzeAsync([User("Which deals are open?"), .. Call("list_deals", "{}", """{"deals":["A"],"took_ms":12,"request_id":"a1"}"""), .. Call("list_deals", "{}", """{"deals":["A"],"took_ms":48,"request_id":"b7"}"""), Answer("Deal A is open.")])).Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("crear_reembolso")]
    [InlineData("kunde_loeschen")]
    [InlineData("annuler_commande")]
    [InlineData("encerrar_conta")]
    [InlineData("invia_email")]
    [InlineData("boek_vlucht")]
    public void Names_of_tools_are_read_in_other_languages(string tool) => Assert.True(AgentOps.Rca.Analysis.AgentRuns.ToolWords.Writes(tool));

    [Theory]
    [InlineData("ver_pedido")]
    [InlineData("kunde_suchen")]
    [InlineData("consulter_compte")]
    [InlineData("leggi_nota")]
    public void And_those_that_look_something_up(string tool) => Assert.True(AgentOps.Rca.Analysis.AgentRuns.ToolWords.LooksUp(tool));
}
