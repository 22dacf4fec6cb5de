using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ContradictedValueDetectorTests
{
    [Theory]
    [InlineData("""{"amount":1290,"currency":"SEK"}""", "The plan costs 1,290 EUR a year.", "1,290 EUR", "SEK")]
    [InlineData("""{"balance":"842.50 GBP"}""", "You owe $842.50.", "$842.50", "GBP")]
    [InlineData("""{"distance":38.4,"unit":"miles"}""", "The depot is 38.4 km away.", "38.4 km", "mi")]
    [InlineData("""{"temperature_f":14.5}""", "Freezer F-2 is at 14.5 °C.", "14.5 °C", "°F")]
    public async Task The_same_number_with_another_unit_contradicts_the_result(string result, string answer, string said, string unit)
    {
        var finding = Assert.Single(await AnswerRun.Of("get_it", result, answer).FindAsync(new ContradictedValueDetector()));

        Assert.Equal(("step:m2", Proof.Provenance), (finding.Place, finding.Proof));
        Assert.Contains($"told the user “{said}”", finding.Cause, StringComparison.Ordinal);
        Assert.Contains($"in {unit} at", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"INV-2214","total":1480.2,"currency":"EUR","lines":3}""", "The total of invoice INV-2214 is 1,840.20 EUR.", "1480.2 as total")]
    [InlineData("""{"points":4820,"tier":"silver"}""", "You have 8,420 points.", "4820 as points")]
    [InlineData("""{"tickets":[{"id":"T-1"},{"id":"T-2"},{"id":"T-3"}]}""", "Team Red has 12 open tickets.", "as tickets, of which there are 3,")]
    public async Task Another_number_under_the_name_of_a_value_contradicts_it(string result, string answer, string known) =>
        Assert.Contains(known, Assert.Single(await AnswerRun.Of("get_it", result, answer).FindAsync(new ContradictedValueDetector())).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"amount":12990,"currency":"usd"}""", "The amount was $129.90.")]
    [InlineData("""{"amount":100,"currency":"CAD"}""", "The amount is $100.")]
    [InlineData("""{"distance":10,"unit":"miles"}""", "The distance is about 16 km.")]
    [InlineData("""{"price":40,"quantity":2,"vat_percent":25,"currency":"EUR"}""", "The price is 80.00 EUR, with tax 100.00 EUR.")]
    [InlineData("""[{"total":120.5},{"total":79.5}]""", "The total of both is 200.00 EUR.")]
    [InlineData("""{"tickets":[{"id":"T-1"},{"id":"T-2"}],"next_cursor":"x"}""", "There are 12 tickets.")]
    [InlineData("""{"total":1480.2,"currency":"EUR"}""", "The total is 1,480 EUR, payable within 14 days.")]
    [InlineData("""{"revision":3,"text":"The limit is 200 EUR."}""", "Revision 3 has a limit of 250 EUR.")]
    [InlineData("""{"due":"2026-12-04T00:00:00Z"}""", "It is due on Friday, December 4th, 2026. That is in 6 days.")]
    public async Task What_can_be_read_or_computed_is_no_contradiction(string result, string answer) =>
        Assert.Empty(await AnswerRun.Of("get_it", result, answer).FindAsync(new ContradictedValueDetector()));

    [Theory]
    [InlineData("1,290", 1290)]
    [InlineData("1.840,20", 1840.2)]
    [InlineData("38.4", 38.4)]
    [InlineData("12,5", 12.5)]
    public void Numbers_are_read_as_people_write_them(string text, double value)
    {
        Assert.True(Quantity.TryNumber(text, out var number));
        Assert.Equal(value, number);
    }

    [Theory]
    [InlineData("on 2026-12-04 at 17:35")]
    [InlineData("version 4.2.0 of LMP-400, 24 December")]
    public void Dates_times_and_names_are_no_quantities(string text) => Assert.Empty(Quantity.In(text));
}
