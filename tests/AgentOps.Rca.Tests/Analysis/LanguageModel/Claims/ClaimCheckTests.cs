using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel.Claims;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel.Claims;

/// <summary>Sentences about one small run: what follows from the cited records is carried, what contradicts them is refused, the rest is a reading.</summary>
public sealed class ClaimCheckTests
{
    private const long Start = 1_773_333_482_000;

    private static readonly Incident Incident = Samples.Incident(1) with
    {
        ProblemType = "parcel_not_sent",
        Details = JsonElement.Parse("""{"symptom":"The parcel was not sent."}"""),
    };

    private static readonly RcaCase Case = RcaCase.Create(Incident,
    [
        Span("run", "agent.run/shipper", 0, 9_000, null),
        Span("list", "tool.call/list_depots", 1_000, 1_200, "run"),
        Span("label", "tool.call/print_label", 2_000, 6_500, "run", """{"status":"error","error":{"type":"timeout","message":"printer did not answer within 4500 ms"}}"""),
        Span("model", "llm.call/m-1", 7_000, 7_300, "run"),
    ]);

    // Cited: the failed call and the listing.
    [Theory]
    [InlineData("tool.call/print_label ran out of time at 16:38:04 UTC.", StatementLevel.Carried)]
    [InlineData("The label printer gave no answer: “printer did not answer within 4500 ms”.", StatementLevel.Carried)]
    [InlineData("tool.call/print_label took 4.5 s.", StatementLevel.Carried)]
    [InlineData("tool.call/print_label timed out because the printer did not answer within 4500 ms.", StatementLevel.Carried)]
    [InlineData("The parcel was not sent, and tool.call/print_label had failed.", StatementLevel.Carried)]
    [InlineData("tool.call/list_depots started before tool.call/print_label started.", StatementLevel.Carried)]
    [InlineData("tool.call/print_label took 45 s.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label took 4.5 minutes.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label timed out at 16:39:04 UTC.", StatementLevel.Refused)]
    [InlineData("tool.call/list_depots timed out.", StatementLevel.Refused)]
    [InlineData("llm.call/m-1 timed out.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label came back in time.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label finished without an error.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label did not fail.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label started before tool.call/list_depots started.", StatementLevel.Refused)]
    [InlineData("Because the parcel was not sent, tool.call/print_label timed out.", StatementLevel.Refused)]
    [InlineData("The timeout of tool.call/print_label made the printer fall silent for 4500 ms.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label always times out.", StatementLevel.Refused)]
    [InlineData("Every call of tool.call/print_label fails for all customers.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label timed out on the host printer-07.", StatementLevel.Refused)]
    [InlineData("tool.call/print_label said “out of paper”.", StatementLevel.Refused)]
    [InlineData("Send the parcel again at once.", StatementLevel.Refused)]
    [InlineData("The parcel is to be sent again.", StatementLevel.Refused)]
    [InlineData("A power cut made tool.call/print_label time out.", StatementLevel.Reading)]
    [InlineData("tool.call/print_label timed out, and the carrier drove off.", StatementLevel.Reading)]
    [InlineData("The customer is to blame for it.", StatementLevel.Reading)]
    public void A_sentence_has_the_level_that_its_records_give_it(string text, StatementLevel level)
    {
        var verdict = new ClaimCheck(Case).Judge(new Claim(text, null, [Failed, Listed]));

        Assert.True(level == verdict.Level, $"{verdict.Level}: {string.Join("; ", verdict.Why)}");
    }

    [Fact]
    public void What_is_not_cited_carries_nothing()
    {
        var check = new ClaimCheck(Case);

        Assert.Equal(StatementLevel.Refused, check.Judge(new Claim("tool.call/print_label took 4.5 s.", null, [Listed])).Level);
        Assert.Equal(StatementLevel.Refused, check.Judge(new Claim("It failed.", null, [])).Level);
        Assert.Equal(StatementLevel.Refused, check.Judge(new Claim("tool.call/print_label failed.", null, [Failed], BrokenCitations: 1)).Level);
    }

    [Fact]
    public void Nothing_but_a_quote_is_quoted() =>
        Assert.Equal(StatementLevel.Quoted, new ClaimCheck(Case).Judge(new Claim("tool.call/print_label says “printer did not answer within 4500 ms”.", null, [Failed])).Level);

    private static CitedRecord Failed => new(
        "error_origin", Case.Spans.Find("label"), "tool.call/print_label failed at 16:38:04 UTC because it ran out of time (\"printer did not answer within 4500 ms\"); it took 4.5 s.", "ERROR", "ERROR", "/attributes/status");

    private static CitedRecord Listed => new("order", Case.Spans.Find("list"), "tool.call/list_depots started at 16:38:03 UTC.", "");

    private static Span Span(string id, string tool, long from, long to, string? parent, string attributes = "{}") =>
        Samples.Span(id, Start + from, tool, Incident.Id.ToString("D"), attributes) with { EndTs = Start + to, ParentId = parent };
}
