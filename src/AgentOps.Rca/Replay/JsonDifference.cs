using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Replay;

/// <summary>The first place where two JSON values differ.</summary>
/// <param name="Pointer">A JSON pointer (RFC 6901) into both; empty for the whole value.</param>
/// <param name="Expected">The text of the value there that was recorded, shortened; null when there is none.</param>
/// <param name="Actual">The text of the value there now, shortened; null when there is none.</param>
internal sealed record JsonDifference(string Pointer, string? Expected, string? Actual)
{
    private const int MostText = 200;

    /// <summary>The first difference in the order of the recorded value, members that are only there now last; null when there is none.</summary>
    public static JsonDifference? Find(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            return FindInObjects(expected, actual);
        }

        if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array)
        {
            return FindInArrays(expected, actual);
        }

        return CanonicalJson.AreEqual(expected, actual) ? null : new JsonDifference("", Shorten(expected), Shorten(actual));
    }

    private static JsonDifference? FindInObjects(JsonElement expected, JsonElement actual)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var difference = actual.TryGetProperty(member.Name, out var other)
                ? Find(member.Value, other)
                : new JsonDifference("", Shorten(member.Value), null);
            if (difference is not null)
            {
                return difference.Within(member.Name);
            }
        }

        foreach (var member in actual.EnumerateObject())
        {
            if (!expected.TryGetProperty(member.Name, out _))
            {
                return new JsonDifference("", null, Shorten(member.Value)).Within(member.Name);
            }
        }

        return null;
    }

    private static JsonDifference? FindInArrays(JsonElement expected, JsonElement actual)
    {
        var shared = Math.Min(expected.GetArrayLength(), actual.GetArrayLength());
        for (var i = 0; i < shared; i++)
        {
            if (Find(expected[i], actual[i]) is { } difference)
            {
                return difference.Within(i.ToString(CultureInfo.InvariantCulture));
            }
        }

        return expected.GetArrayLength() == actual.GetArrayLength()
            ? null
            : new JsonDifference(
                "",
                shared < expected.GetArrayLength() ? Shorten(expected[shared]) : null,
                shared < actual.GetArrayLength() ? Shorten(actual[shared]) : null)
                .Within(shared.ToString(CultureInfo.InvariantCulture));
    }

    private static string Shorten(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "…");
    }

    private JsonDifference Within(string step) => this with { Pointer = new JsonProblem(Pointer, "").Within(step).Pointer };
}
