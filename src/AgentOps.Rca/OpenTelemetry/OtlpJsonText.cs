using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Attributes whose text is JSON, as many frameworks write what an attribute cannot hold.</summary>
internal static class OtlpJsonText
{
    /// <summary>Whether the text is a JSON object or array.</summary>
    public static bool IsJson(string text)
    {
        using var document = Parse(text);
        return document is not null;
    }

    /// <summary>The text without the quotes that it has as a JSON string.</summary>
    public static string? Unquoted(string? text) => text is ['"', .. var inner, '"'] ? inner : text;

    /// <summary>A member that is text; null when it is missing or something else.</summary>
    public static string? Member(OtlpValue value, string name)
    {
        if (value.Members is { } members)
        {
            return members.Text(name);
        }

        using var document = Parse(value.Text);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member)
            && member.ValueKind == JsonValueKind.String && member.GetString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The first of these members that is a count.</summary>
    public static long? Count(OtlpValue value, ReadOnlySpan<string> names)
    {
        using var document = value.Members is null ? Parse(value.Text) : null;
        foreach (var name in names)
        {
            if (value.Members?.Find(name).Number is { } number)
            {
                return number;
            }

            if (document?.RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member)
                && JsonNumbers.TryGetWhole(member, out long count))
            {
                return count;
            }
        }

        return null;
    }

    /// <summary>The items of a list of words: a JSON array, or the one word that the text is.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        using var document = Parse(text);
        return document?.RootElement is { ValueKind: JsonValueKind.Array } json
            ? [.. json.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())]
            : text.Length == 0 ? [] : [Unquoted(text)!];
    }

    private static JsonDocument? Parse(string? text)
    {
        if (text is null || text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return null;
        }

        try
        {
            // Half of a surrogate pair can be written in JSON, and not be read out of it: such a text stands as it is.
            var document = JsonDocument.Parse(text);
            if (!text.Contains("\\u", StringComparison.Ordinal) || JsonRules.IsReadable(document.RootElement))
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
