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
    private const int Before = 40;

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

        if (expected.ValueKind == JsonValueKind.String && actual.ValueKind == JsonValueKind.String)
        {
            return FindInTexts(expected.GetString()!, actual.GetString()!);
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

    // What is the same in front of the difference is cut, so that the difference is seen.
    private static JsonDifference? FindInTexts(string expected, string actual)
    {
        if (expected == actual)
        {
            return null;
        }

        var same = expected.AsSpan().CommonPrefixLength(actual);
        var from = Math.Max(expected.Length, actual.Length) <= MostText ? 0 : Math.Max(0, same - Before);
        return new JsonDifference("", Cut(expected, from), Cut(actual, from));
    }

    private static string Cut(string text, int from)
    {
        var length = Math.Min(text.Length - from, MostText);
        return $"{(from > 0 ? "…" : "")}\"{text.AsSpan(from, length)}\"{(from + length < text.Length ? "…" : "")}";
    }

    private static string Shorten(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "…");
    }

    private JsonDifference Within(string step) => this with { Pointer = new JsonProblem(Pointer, "").Within(step).Pointer };
}
