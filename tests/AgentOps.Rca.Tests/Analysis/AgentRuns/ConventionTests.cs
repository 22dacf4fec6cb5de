using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>The same run in each convention is read alike: what was asked for, what tools gave back, what was answered and why it stopped.</summary>
public sealed class ConventionTests
{
    public static TheoryData<Convention> Conventions => [.. Enum.GetValues<Convention>()];

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task Facts_that_nothing_gave_are_found_after_an_empty_search(Convention convention)
    {
        var report = await Search(convention, """{"passages":[]}""").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("does not occur in anything that the run had seen", report.RootCause, StringComparison.Ordinal);
        Assert.Contains("“Until when may a bicycle be returned?”", report.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task Facts_that_the_search_gave_are_none(Convention convention) =>
        Assert.Equal(RcaVerdict.Inconclusive, (await Search(convention, """{"passages":["A bicycle may be returned for 45 days."]}""").AnalyzeAsync()).Verdict);

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task An_error_in_the_body_of_a_result_counts_where_the_answer_speaks_of_success(Convention convention)
    {
        var report = await Order(convention, """{"success":false,"error":"the warehouse is closed"}""").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("the answer speaks of success all the same", report.RootCause, StringComparison.Ordinal);
        Assert.Equal(RcaVerdict.Inconclusive, (await Order(convention, """{"success":true,"order":"B-17"}""").AnalyzeAsync()).Verdict);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task An_answer_that_a_filter_stopped_is_found(Convention convention)
    {
        var report = await new AgentTrace(convention).Asked("Sum up the report on the accident.").Calls(("c1", "read_report", """{"id":"U-4"}""")).Runs("c1", "read_report", """{"id":"U-4"}""", """{"text":"Two were hurt."}""")
            .Answers("", "content_filter").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("content filter", report.RootCause, StringComparison.Ordinal);
    }

    private static AgentTrace Search(Convention convention, string result) => new AgentTrace(convention, "Answer from the rules.").Asked("Until when may a bicycle be returned?")
        .Calls(("c1", "search_rules", """{"query":"bicycle return"}""")).Runs("c1", "search_rules", """{"query":"bicycle return"}""", result)
        .Answers("A bicycle may be returned for 45 days.");

    private static AgentTrace Order(Convention convention, string result) => new AgentTrace(convention).Asked("Order ten boxes of paper.")
        .Calls(("c1", "create_order", """{"item":"paper","boxes":10}""")).Runs("c1", "create_order", """{"item":"paper","boxes":10}""", result)
        .Answers("Done, ten boxes of paper have been ordered.");
}
