using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Mcp.Tools;

/// <summary>The arguments of a call. The first that is wrong is told by its name.</summary>
internal sealed class ToolArguments(IDictionary<string, JsonElement>? given)
{
    private const int LongestText = 4_096;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>What is wrong, in a sentence, or null.</summary>
    public string? Problem
    {
        get => field ?? (given?.Keys.FirstOrDefault(name => !_known.Contains(name)) is { } unknown
            ? $"{AnswerName(unknown)}: There is no such argument; there are {string.Join(", ", _known.Order(StringComparer.Ordinal))}."
            : null);
        private set => field ??= value;
    }

    public void Fail(string name, string sentence) => Problem = $"{name}: {sentence}";

    public string? Text(string name, int most = LongestText, bool required = false)
    {
        if (Find(name) is not { } value)
        {
            if (required)
            {
                Fail(name, "It is missing.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
        {
            Fail(name, "It must be a text that is not empty.");
            return null;
        }

        if (text.Length > most)
        {
            Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must have at most {most} characters."));
            return null;
        }

        return text;
    }

    public int Whole(string name, int least, int most, int otherwise)
    {
        if (Find(name) is not { } value)
        {
            return otherwise;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"It must be a whole number from {least} to {most}."));
        return otherwise;
    }

    public Guid Incident(string name = "incident_id")
    {
        if (Text(name, required: true) is { } text)
        {
            if (Guid.TryParseExact(text, "D", out var id))
            {
                return id;
            }

            Fail(name, "It must be the id of an incident: a UUID.");
        }

        return Guid.Empty;
    }

    public string? Report(string name = "report_digest", bool required = false)
    {
        if (Text(name, required: required) is { } text)
        {
            if (ArtifactDigest.TryParse(text, out var digest))
            {
                return digest.ToString();
            }

            Fail(name, "It must be the digest of a report: 64 hexadecimal digits.");
        }

        return null;
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        Fail(name, "It must be a time such as 2026-03-12T17:15:00Z.");
        return null;
    }

    public string? Choice(string name, params ReadOnlySpan<string> choices)
    {
        var text = Text(name);
        if (text is null || choices.Contains(text))
        {
            return text;
        }

        Fail(name, $"It must be one of {string.Join(", ", choices!)}.");
        return null;
    }

    public IReadOnlyList<string>? Choices(string name, params string[] choices)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String && choices.Contains(one.GetString())))
        {
            return [.. value.EnumerateArray().Select(static one => one.GetString()!).Distinct(StringComparer.Ordinal)];
        }

        Fail(name, $"It must be a list of {string.Join(", ", choices)}.");
        return null;
    }

    /// <summary>A place in a listing, as an answer of this tool gave it.</summary>
    public T? Cursor<T>(Func<ReadOnlySpan<byte>, T?> read)
        where T : struct
    {
        if (Text("cursor") is not { } text)
        {
            return null;
        }

        try
        {
            if (Base64Url.IsValid(text) && read(Base64Url.DecodeFromChars(text)) is { } place)
            {
                return place;
            }
        }
        catch (FormatException)
        {
            // Told below.
        }

        Fail("cursor", "It must be a cursor that an answer of this tool gave.");
        return null;
    }

    /// <summary>A cursor that is a number of items or bytes.</summary>
    public int CursorNumber()
    {
        if (Text("cursor") is not { } text)
        {
            return 0;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return place;
        }

        Fail("cursor", "It must be a cursor that an answer of this tool gave.");
        return 0;
    }

    // A null is an argument that is not given.
    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return given is not null && given.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;
    }

    private static string AnswerName(string name) => Answers.AnswerWriter.Cut(name, Answers.AnswerWriter.NameLength);
}
