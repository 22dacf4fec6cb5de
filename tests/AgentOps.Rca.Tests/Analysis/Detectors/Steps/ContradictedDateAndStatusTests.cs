using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ContradictedDateAndStatusTests
{
    [Fact]
    public async Task A_date_that_stands_nowhere_contradicts_the_one_of_that_name() => Assert.Contains(
        "“24 December 2026”, a date that stands nowhere in the run; tool.call/get_it had returned 2026-12-14 as check_ends",
        Assert.Single(await AnswerRun.Of("get_it", """{"id":"AP-7","check_ends":"2026-12-14"}""", "The check ends on 24 December 2026.").FindAsync(new ContradictedDateDetector())).Cause, StringComparison.Ordinal);

    [Fact]
    public async Task A_date_without_a_year_is_one_of_the_year_that_was_read() => Assert.Contains(
        "“20 December”, a date that stands nowhere in the run",
        Assert.Single(await AnswerRun.Of("get_it", """{"due":"2019-12-04"}""", "It is due on 20 December.").FindAsync(new ContradictedDateDetector())).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"due":"2026-12-04T00:00:00Z"}""", "It is due on December 4th, 2026.")]
    [InlineData("""{"due":"2026-12-04T22:00:00Z"}""", "It is due on 5 December 2026.")]
    [InlineData("""{"due":"2019-12-04T22:00:00Z"}""", "It is due on 5 December.")]
    [InlineData("""{"due":"2020-02-29"}""", "It is due on 29 February.")]
    [InlineData("""{"due":"2026-12-04"}""", "It is due in December; the library closes on 24 December.")]
    [InlineData("""{"due":"2026-12-04"}""", "You can renew it until 18 December 2026, two weeks after it is due.")]
    public async Task Dates_that_were_read_or_computed_are_no_contradiction(string result, string answer) =>
        Assert.Empty(await AnswerRun.Of("get_it", result, answer).FindAsync(new ContradictedDateDetector()));

    [Theory]
    [InlineData("""{"id":"CL-8841","status":"denied","reason":"late filing"}""", "Good news: your claim has been approved.", "status “denied”")]
    [InlineData("""{"state":"awaiting_payment"}""", "Yes, order 55120 has shipped.", "state “awaiting_payment”")]
    [InlineData("""{"id":"R-12","accessible":false}""", "Yes, room R-12 is wheelchair accessible.", "accessible false")]
    public async Task The_opposite_of_a_state_contradicts_it(string result, string answer, string state) => Assert.Contains(
        $"tool.call/get_it had returned {state}", Assert.Single(await AnswerRun.Of("get_it", result, answer).FindAsync(new ContradictedStatusDetector())).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("get_it", """{"status":"denied"}""", "Your claim was denied; before November it would have been approved.")]
    [InlineData("get_it", """{"status":"pending"}""", "Once it has been approved, you get a letter.")]
    [InlineData("get_it", """{"status":"processing","payment":"paid"}""", "It is being packed; it has not been shipped yet.")]
    [InlineData("get_it", """[{"status":"delivered"},{"status":"in_transit"}]""", "The first parcel was delivered.")]
    [InlineData("approve_it", """{"status":"pending"}""", "It has been approved.")]
    [InlineData("get_it", """{"accessible":false}""", "Room R-12 is not accessible.")]
    public async Task What_is_told_truly_or_with_a_condition_is_no_contradiction(string tool, string result, string answer) =>
        Assert.Empty(await AnswerRun.Of(tool, result, answer).FindAsync(new ContradictedStatusDetector()));
}
