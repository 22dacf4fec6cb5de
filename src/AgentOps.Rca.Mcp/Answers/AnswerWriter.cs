using System.Text.Json;
using AgentOps.Rca.Reading;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>The members that answers have in common. What is not known is left out.</summary>
internal static class AnswerWriter
{
    public const int NameLength = 80;

    /// <summary>A word or an id of ours.</summary>
    public static void Text(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A name that others gave: shown, and not what a later question is asked with.</summary>
    public static void Name(this Utf8JsonWriter json, string name, string? value) => json.Text(name, value is null ? null : Cut(value, NameLength));

    public static void Flag(this Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known)
        {
            json.WriteBoolean(name, known);
        }
    }

    public static void Number(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known && double.IsFinite(known))
        {
            json.WriteNumber(name, Math.Round((decimal)Math.Clamp(known, -1e15, 1e15), 3));
        }
    }

    public static void Time(this Utf8JsonWriter json, string name, DateTimeOffset? value)
    {
        if (value is { } known)
        {
            json.WriteString(name, known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    public static void Texts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Words out of a record, marked as such; <c>of</c> says how long they are when they are cut.</summary>
    public static void Quoted(this Utf8JsonWriter json, string name, string? value, int most)
    {
        if (value is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("quoted", Cut(value, most));
        if (value.Length > most)
        {
            json.WriteNumber("of", value.Length);
        }

        json.WriteEndObject();
    }

    /// <summary>The same of a text that was cut before.</summary>
    public static void Quoted(this Utf8JsonWriter json, string name, TextPreview? value, int most)
    {
        if (value is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("quoted", Cut(value.Text, most));
        if (value.Cut || value.Text.Length > most)
        {
            json.WriteNumber("of", value.Length);
        }

        json.WriteEndObject();
    }

    /// <summary>What every answer ends with.</summary>
    public static void End(this Utf8JsonWriter json, long leftOut, string? cursor, string? page)
    {
        json.WriteNumber("left_out", leftOut);
        json.Text("cursor", cursor);
        json.Text("page", page);
        json.WriteString("note", Answer.Note);
    }

    /// <summary>The first so many characters, cut between whole ones.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
