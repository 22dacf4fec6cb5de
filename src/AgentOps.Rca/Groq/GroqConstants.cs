namespace AgentOps.Rca.Groq;

internal static class GroqConstants
{
    /// <summary>The provider's well-known name in the semantic conventions of OpenTelemetry (<c>gen_ai.provider.name</c>).</summary>
    public const string ProviderName = "groq";

    public const string ChatPath = "chat/completions";
    public const string EventStream = "text/event-stream";

    /// <summary>The status Groq answers when its flex tier has no capacity left.</summary>
    public const int StatusCapacityExceeded = 498;

    /// <summary>How often a model that wrote invalid JSON is asked again.</summary>
    public const int MaxInvalidJsonRepeats = 2;

    /// <summary>How often a request that was refused as 422 is sent again.</summary>
    public const int MaxUnprocessableRepeats = 1;

    /// <summary>How long a model that is gone is passed over before it is asked for again.</summary>
    public static readonly TimeSpan GoneModelMemory = TimeSpan.FromHours(1);

    /// <summary>Set on a request whose successful reply is read as it arrives instead of being buffered.</summary>
    public static readonly HttpRequestOptionsKey<bool> Streaming = new("agentops.groq.streaming");

    /// <summary>The instant after which no further attempt of a request makes sense.</summary>
    public static readonly HttpRequestOptionsKey<DateTimeOffset> Deadline = new("agentops.groq.deadline");
}
