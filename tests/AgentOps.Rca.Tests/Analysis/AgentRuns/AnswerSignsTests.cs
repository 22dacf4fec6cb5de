using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class AnswerSignsTests
{
    [Theory]
    [InlineData("Your refund has been processed.", AnswerSign.Success)]
    [InlineData("I've cancelled the order.", AnswerSign.Success)]
    [InlineData("All done!", AnswerSign.Success)]
    [InlineData("Unfortunately the card was declined.", AnswerSign.Failure)]
    [InlineData("I could not find a lease for that unit.", AnswerSign.Failure)]
    [InlineData("The booking has been made, but the invoice failed.", AnswerSign.Failure)]
    [InlineData("The parcel weighs 3 kg.", AnswerSign.None)]
    [InlineData("Which date do you prefer?", AnswerSign.None)]
    public void An_answer_says_whether_it_speaks_of_success(string answer, object sign) => Assert.Equal(sign, AnswerSigns.Of(answer));
}
