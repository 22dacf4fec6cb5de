using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("no seats left", "no seats left")]
    [InlineData("boom\n   at Shop.Pay(Order order) in Pay.cs:line 3\n   at Shop.Run()", "boom")]
    [InlineData("Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: bad date", "ValueError: bad date")]
    [InlineData("timed out\nTimeoutError: timed out", "timed out")]
    [InlineData("first\nsecond", "first second")]
    [InlineData("  ", "")]
    [InlineData(null, "")]
    public void The_words_of_an_error_come_without_its_stack_trace(string? message, string words) => Assert.Equal(words, ErrorText.Clean(message));
}
