namespace AgentOps.Rca.Spans;

/// <summary>What one request to link spans may name, by whatever door it comes; code that embeds the library may name more.</summary>
internal static class SpanLinkingLimits
{
    public const int Traces = 1_000;

    public const int Spans = 50_000;

    public const int IdLength = 256;
}
