namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>Ids as they are written. The framework's reading takes white space around them, which names another thing.</summary>
internal static class GuidText
{
    private const int Length = 36;

    public static bool TryRead(string? text, out Guid id)
    {
        id = default;
        return text?.Length == Length && Guid.TryParseExact(text, "D", out id);
    }
}
