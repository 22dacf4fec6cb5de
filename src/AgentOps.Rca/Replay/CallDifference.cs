using System.Text.Json;
using AgentOps.Rca.Recording;

namespace AgentOps.Rca.Replay;

/// <summary>Says where what was recorded and what is there now differ first.</summary>
internal static class CallDifference
{
    /// <summary>Such as <c>/weight: recorded 2.5, now 3</c>; null when both are the same, or no JSON.</summary>
    public static string? Describe(ReadOnlyMemory<byte> recorded, ReadOnlyMemory<byte> now, bool areTexts = false)
    {
        try
        {
            return JsonDifference.Find(Read(recorded, areTexts), Read(now, areTexts)) is { } difference
                ? $"{(difference.Pointer.Length == 0 ? "the whole value" : difference.Pointer)}: recorded {difference.Expected ?? "nothing"}, now {difference.Actual ?? "nothing"}"
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Read(ReadOnlyMemory<byte> content, bool isText) =>
        JsonElement.Parse(isText ? RecordedResult.Write(writer => writer.WriteStringValue(content.Span)) : content.Span);
}
