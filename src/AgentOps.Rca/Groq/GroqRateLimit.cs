namespace AgentOps.Rca.Groq;

/// <summary>How long a reply asks its client to wait.</summary>
internal static class GroqRateLimit
{
    /// <summary>
    /// <c>Retry-After</c> in seconds; on a 429 without it, the reset time of the limit that has nothing remaining. Null when unknown.
    /// </summary>
    public static TimeSpan? Wait(HttpResponseMessage reply)
    {
        if (GroqDuration.Parse(Header(reply, "retry-after")) is { } wait)
        {
            return wait;
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
