using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class SpanIdsTests
{
    private static readonly ArtifactDigest Digest = ArtifactDigest.Of("case"u8);

    [Fact]
    public void The_ids_that_the_library_makes_are_reserved()
    {
        Assert.True(SpanIds.IsReserved(SpanIds.OfAnalysis(Digest)));
        Assert.True(SpanIds.IsReserved(SpanIds.OfModelCall(SpanIds.OfAnalysis(Digest), 12)));
        Assert.True(SpanIds.IsReserved(SpanIds.OfApproval(Guid.NewGuid(), Digest.ToString())));
        Assert.True(SpanIds.IsReserved(SpanIds.OfApproval(Guid.NewGuid(), null)));
        Assert.True(SpanIds.IsReserved(SpanIds.OfNotification(Guid.NewGuid())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rca-")]
    [InlineData("rca-1")]
    [InlineData("rca-0123456789abcdef0123456789abcdeg")]
    [InlineData("rca-0123456789abcdef0123456789abcdef-")]
    [InlineData("rca-0123456789abcdef0123456789abcdef-x")]
    [InlineData("rca-0123456789abcdef0123456789abcdef0")]
    [InlineData("approval-1")]
    [InlineData("approval-6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01")]
    [InlineData("approval-6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01-other")]
    [InlineData("notified-")]
    [InlineData("notified-6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01-1")]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7")]
    public void Other_ids_are_free(string spanId) => Assert.False(SpanIds.IsReserved(spanId));
}
