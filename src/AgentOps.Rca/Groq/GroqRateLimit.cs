namespace AgentOps.Rca.Groq;

/// <summary>How long a reply asks its client to wait.</summary>
internal static class GroqRateLimit
{
    /// <summary>
    /// <c>Retry-After</c>, in seconds or as a date (RFC 9110, 10.2.3; one that has passed asks for no wait); on a 429 without it, the
    /// reset time of the limit that has nothing remaining. Null when unknown.
    /// </summary>
    /// <param name="reply">The reply.</param>
    /// <param name="now">The time here, for replies that do not say what time it is where they come from.</param>
    public static TimeSpan? Wait(HttpResponseMessage reply, DateTimeOffset now)
    {
        if (GroqDuration.Parse(Header(reply, "retry-after")) is { } wait)
        {
            return wait;
        }

        // A date is the sender's; against the sender's own clock it means the same whatever the clock here says.
        if (reply.Headers.RetryAfter?.Date is { } date)
        {
            var until = date - (reply.Headers.Date ?? now);
            return until > TimeSpan.Zero ? until : TimeSpan.Zero;
        }

        if ((int)reply.StatusCode != 429)
        {
            return null;
        }

        var requests = Reset(reply, "requests");
        var tokens = Reset(reply, "tokens");
        return requests > tokens ? requests : tokens ?? requests;
    }

    private static TimeSpan? Reset(HttpResponseMessage reply, string limit) =>
        Header(reply, $"x-ratelimit-remaining-{limit}") == "0" ? GroqDuration.Parse(Header(reply, $"x-ratelimit-reset-{limit}")) : null;

    private static string? Header(HttpResponseMessage reply, string name) =>
        reply.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
