using System.Text;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Groq;

public sealed class GroqStreamTests
{
    private const string Usage = """{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"queue_time":0.1,"new":{"x":1}}""";
    private static readonly string Whole = ScriptedGroqReply.StreamOf(["The ", "carrier ", "was ", "slöw."], Usage);

    [Fact]
    public async Task A_stream_gives_its_words_as_they_come_and_its_usage_at_the_end()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Stream(Whole));

        var updates = await ReadAsync(host);

        var response = updates.ToChatResponse();
        Assert.Equal("The carrier was slöw.", response.Text);
        Assert.Equal((100L, 20L), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.True(host.Server.Requests[0].Json.GetProperty("stream").GetBoolean());
    }

    [Fact]
    public async Task A_stream_cut_at_any_byte_is_a_failure_and_never_a_cheap_answer()
    {
        await using var host = new GroqHost();
        var length = Encoding.UTF8.GetByteCount(Whole);
        for (var cut = 0; cut < length; cut++)
        {
            host.Server.Enqueue(ScriptedGroqReply.Stream(Whole, cut));
            var updates = new List<ChatResponseUpdate>();

            var failure = await Assert.ThrowsAsync<GroqException>(() => ReadAsync(host, updates));

            Assert.Equal(GroqErrorKind.StreamCut, failure.Kind);
            Assert.Contains("unknown", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(updates.SelectMany(update => update.Contents).OfType<UsageContent>(), usage => usage.Details.InputTokenCount == 0);
        }
    }

    [Theory]
    [InlineData("data: {\"x_groq\":{\"error\":\"over capacity\"}}\n\n", GroqErrorKind.ServerError)]
    [InlineData("data: {\"x_groq\":{\"error\":{\"message\":\"over capacity\",\"code\":\"rate_limit_exceeded\"}}}\n\n", GroqErrorKind.RateLimited)]
    [InlineData("data: {\"error\":{\"message\":\"over capacity\"}}\n\n", GroqErrorKind.ServerError)]
    [InlineData("event: error\ndata: {\"error\":{\"message\":\"over capacity\"}}\n\n", GroqErrorKind.ServerError)]
    [InlineData("event: error\ndata: over capacity\n\n", GroqErrorKind.ServerError)]
    [InlineData("data: {\"error\":{\"code\":\"json_validate_failed\",\"message\":\"x\"}}\n\n", GroqErrorKind.InvalidJson)]
    [InlineData("data: not json\n\n", GroqErrorKind.BadReply)]
    [InlineData("data: null\n\n", GroqErrorKind.BadReply)]
    [InlineData("data: {\"choices\":{}}\n\n", GroqErrorKind.BadReply)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n", GroqErrorKind.BadReply)]
    [InlineData("data: [DONE]\n\n", GroqErrorKind.StreamCut)]
    [InlineData(": a comment\n\ndata: {\"choices\":[],\"unknown\":[1,{}]}\n\n", GroqErrorKind.StreamCut)]
    public async Task What_goes_wrong_within_a_stream_is_told(string events, GroqErrorKind kind)
    {
        await using var host = new GroqHost();
        var begun = Whole[..Whole.IndexOf("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"openai/gpt-oss-120b\",\"choices\":[{\"index\":0,\"delta\":{}", StringComparison.Ordinal)];
        host.Server.Enqueue(ScriptedGroqReply.Stream(begun + events));
        var updates = new List<ChatResponseUpdate>();

        var failure = await Assert.ThrowsAsync<GroqException>(() => ReadAsync(host, updates));

        Assert.Equal(kind, failure.Kind);
        Assert.StartsWith("The carrier was slöw.", string.Concat(updates.Select(update => update.Text)), StringComparison.Ordinal);
        Assert.Null(updates.ToChatResponse().Usage);
    }

    [Fact]
    public async Task A_stream_that_stalls_ends_in_a_timeout()
    {
        await using var host = new GroqHost();
        host.Time.LimitDivisor = 200;
        host.Server.Enqueue(ScriptedGroqReply.Stall(ScriptedGroqReply.HeadText(200, "text/event-stream") + Whole[..Whole.IndexOf("\n\n", StringComparison.Ordinal)] + "\n\n"));
        var updates = new List<ChatResponseUpdate>();

        var failure = await Assert.ThrowsAsync<GroqException>(() => ReadAsync(host, updates));

        Assert.Equal(GroqErrorKind.Timeout, failure.Kind);
        Assert.Contains("stalled", failure.Message, StringComparison.Ordinal);
        Assert.Single(updates);
    }

    [Fact]
    public async Task A_stream_that_is_reset_is_a_broken_connection()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Reset(ScriptedGroqReply.HeadText(200, "text/event-stream") + Whole[..200]));

        Assert.Equal(GroqErrorKind.ConnectionFailed, (await Assert.ThrowsAsync<GroqException>(() => ReadAsync(host))).Kind);
    }

    [Fact]
    public async Task An_endless_stream_is_refused_after_its_bound()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Huge(100_000_000, announced: false, "text/event-stream"));

        Assert.Equal(GroqErrorKind.ReplyTooLarge, (await Assert.ThrowsAsync<GroqException>(() => ReadAsync(host))).Kind);
    }

    [Fact]
    public async Task The_next_model_is_asked_before_a_stream_begins()
    {
        await using var host = new GroqHost(options => options.Models = ["gone", "openai/gpt-oss-120b"]);
        host.Server.Enqueue(ScriptedGroqReply.Error(404, "model_not_found", "gone"), ScriptedGroqReply.Stream(Whole));

        Assert.Equal("openai/gpt-oss-120b", (await ReadAsync(host)).ToChatResponse().ModelId);
    }

    [Fact]
    public async Task An_answer_that_came_in_one_piece_is_taken_as_it_is()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await ReadAsync(host)).ToChatResponse().Text);
    }

    private static async Task<List<ChatResponseUpdate>> ReadAsync(GroqHost host, List<ChatResponseUpdate>? updates = null)
    {
        updates ??= [];
        await foreach (var update in host.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Why?")]))
        {
            updates.Add(update);
        }

        return updates;
    }
}
