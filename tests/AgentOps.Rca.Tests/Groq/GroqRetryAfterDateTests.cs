using System.Globalization;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Groq;

/// <summary>Retry-After as a date, in the three forms that RFC 9110 lets a client meet, bounded as seconds are.</summary>
public sealed class GroqRetryAfterDateTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "Why is the order late?")];
    private static readonly DateTimeOffset Now = new(2026, 7, 5, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(429, "Retry-After: Sun, 05 Jul 2026 10:00:12 GMT")]
    [InlineData(503, "Retry-After: Sun, 05 Jul 2026 10:00:12 GMT")]
    [InlineData(503, "Retry-After: Sunday, 05-Jul-26 10:00:12 GMT")]
    [InlineData(503, "Retry-After: Sun Jul  5 10:00:12 2026")]
    [InlineData(503, "Date: Sun, 05 Jul 2026 11:30:00 GMT\r\nRetry-After: Sun, 05 Jul 2026 11:30:12 GMT")]
    [InlineData(503, "Date: Sun, 05 Jul 2026 08:30:00 GMT\r\nRetry-After: Sun, 05 Jul 2026 08:30:12 GMT")]
    [InlineData(503, "Date: nonsense\r\nRetry-After: Sun, 05 Jul 2026 10:00:12 GMT")]
    public async Task A_date_is_waited_for_by_the_senders_clock_or_else_by_ours(int status, string headers)
    {
        await using var host = Host();
        host.Server.Enqueue(ScriptedGroqReply.Error(status, null, "slow down", headers), ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await host.Client.GetResponseAsync(Question)).Text);
        Assert.InRange(Assert.Single(host.Time.Waits).TotalSeconds, 12, 15);
    }

    [Theory]
    [InlineData("Sun, 05 Jul 2026 09:59:00 GMT")]
    [InlineData("Sun, 05 Jul 2026 10:00:00 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    public async Task A_date_that_has_come_is_no_wait(string date)
    {
        await using var host = Host();
        host.Server.Enqueue(ScriptedGroqReply.Error(503, null, "busy", $"Retry-After: {date}"), ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await host.Client.GetResponseAsync(Question)).Text);
        Assert.Empty(host.Time.Waits);
    }

    [Theory]
    [InlineData(429, "Sun, 05 Jul 2026 10:01:35 GMT", GroqErrorKind.RateLimited)]
    [InlineData(503, "Sun, 05 Jul 2026 10:01:35 GMT", GroqErrorKind.ServerError)]
    [InlineData(429, "Fri, 31 Dec 9999 23:59:59 GMT", GroqErrorKind.RateLimited)]
    public async Task A_date_beyond_the_cap_ends_the_call_at_once_and_is_named(int status, string date, GroqErrorKind kind)
    {
        await using var host = Host();
        host.Server.Respond = _ => ScriptedGroqReply.Error(status, null, "slow down", $"Retry-After: {date}");

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal((kind, DateTimeOffset.ParseExact(date, "R", CultureInfo.InvariantCulture) - Now), (failure.Kind, failure.RetryAfter));
        Assert.Single(host.Server.Requests);
        Assert.Empty(host.Time.Waits);
    }

    [Fact]
    public async Task A_date_that_would_outlast_the_call_is_not_waited_for()
    {
        await using var host = Host(options =>
        {
            options.AttemptTimeout = TimeSpan.FromSeconds(50);
            options.TotalTimeout = TimeSpan.FromSeconds(50);
            options.MaxRetryAfter = TimeSpan.FromSeconds(600);
        });
        host.Server.Respond = _ => ScriptedGroqReply.Error(429, null, "slow down", $"Retry-After: {Now.AddSeconds(55).ToString("R", CultureInfo.InvariantCulture)}");

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(TimeSpan.FromSeconds(55), failure.RetryAfter);
        Assert.Contains("wait 55 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Empty(host.Time.Waits);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("Sun, 05 Jul 2026")]
    [InlineData("Sun, 35 Jul 2026 10:00:12 GMT")]
    [InlineData("2026-07-05T10:00:12Z")]
    public async Task What_is_neither_seconds_nor_a_date_asks_for_nothing(string value)
    {
        await using var host = Host();
        host.Server.Enqueue(ScriptedGroqReply.Error(503, null, "busy", $"Retry-After: {value}"), ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await host.Client.GetResponseAsync(Question)).Text);
        Assert.InRange(Assert.Single(host.Time.Waits).TotalSeconds, 0.5, 0.625);
    }

    private static GroqHost Host(Action<GroqOptions>? configure = null)
    {
        var host = new GroqHost(configure);
        host.Time.Now = Now;
        return host;
    }
}
