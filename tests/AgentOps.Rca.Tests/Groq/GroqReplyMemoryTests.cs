using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Groq;

[Collection(RunsAlone.Name)]
public sealed class GroqReplyMemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_of_100_MB_is_refused_after_its_bound(bool announced)
    {
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Huge(100_000_000, announced);
        var before = GC.GetTotalAllocatedBytes();

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync("Why is the order late?"));

        Assert.Equal(GroqErrorKind.ReplyTooLarge, failure.Kind);
        Assert.Single(host.Server.Requests);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 60_000_000);
    }
}
