using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace AgentOps.Rca.Json;

/// <summary>Which JSON the library keeps: what every backend can hold without changing a value.</summary>
internal static class JsonRules
{
    private const int LargeDocument = 1024 * 1024;

    /// <summary>How deep a value may nest: a span's attributes, an incident's details.</summary>
    public const int MaxDepth = 64;

    /// <summary>How deep a record may nest that holds such a value as a member: a span, an incident.</summary>
    public const int MaxRecordDepth = MaxDepth + 1;

    /// <summary>
    /// How deep a document may nest that holds records within members and lists of its own: a page of rows, a manifest, an answer. What
    /// this library writes around records, and reads again, has this limit, so that what was taken as a value can always be read.
    /// </summary>
    public const int MaxDocumentDepth = MaxDepth + 16;

    /// <summary>The object without members.</summary>
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    /// <summary>The options every reader of foreign values uses: bounded depth, no comments, no member named twice.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The same for records that hold such a value.</summary>
    internal static JsonDocumentOptions RecordOptions { get; } = new() { MaxDepth = MaxRecordDepth, AllowDuplicateProperties = false };

    /// <summary>How this library reads what it wrote around records.</summary>
    internal static JsonDocumentOptions OwnDocumentOptions { get; } = new() { MaxDepth = MaxDocumentDepth };

    /// <summary>
    /// The first place in <paramref name="value"/> that cannot be kept: a number that a double cannot hold exactly, the character
    /// U+0000 (which jsonb refuses), half of a surrogate pair, or a member named twice. Null when all of it can be kept.
    /// </summary>
    /// <param name="value">The value to look through; the pointer in the answer starts at it.</param>
    public static JsonProblem? FindProblem(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return FindProblemInObject(value);
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (FindProblem(item) is { } problem)
                    {
                        return problem.Within(index.ToString(CultureInfo.InvariantCulture));
                    }

                    index++;
                }

                return null;
            case JsonValueKind.String:
                return FindProblemInText(value);
            case JsonValueKind.Number:
                return CanonicalNumber.IsExact(value)
                    ? null
                    : new JsonProblem("", "This number has more digits than a double can hold; send it as text to keep them.");
            default:
                return null;
        }
    }

    /// <summary>Whether a value has more levels than these, as readers count them: a value without members or items has none.</summary>
    internal static bool IsDeeperThan(JsonElement value, int levels) => value.ValueKind switch
    {
        JsonValueKind.Object => levels == 0 || value.EnumerateObject().Any(member => IsDeeperThan(member.Value, levels - 1)),
        JsonValueKind.Array => levels == 0 || value.EnumerateArray().Any(item => IsDeeperThan(item, levels - 1)),
        _ => false,
    };

    /// <summary>Why <paramref name="text"/> cannot be kept as text, or null when it can.</summary>
    /// <param name="text">Any text.</param>
    public static string? FindTextProblem(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "Text must not contain the character U+0000.";
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return "Text must not contain half of a surrogate pair.";
            }
        }

        return null;
    }

    /// <summary>Parses bytes that nobody changes from now on, those of large documents without the copy that <see cref="JsonElement.Parse(ReadOnlySpan{byte}, JsonDocumentOptions)"/> makes.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "A large document is not disposed of, see ParseLarge.")]
    internal static JsonElement ParseKept(ReadOnlyMemory<byte> utf8, JsonDocumentOptions options) =>
        IsLarge(utf8) ? ParseLarge(utf8, options).RootElement : JsonElement.Parse(utf8.Span, options);

    /// <summary>Whether it is a document for <see cref="ParseLarge"/>.</summary>
    internal static bool IsLarge(ReadOnlyMemory<byte> utf8) => utf8.Length >= LargeDocument;

    /// <summary>
    /// Parses a large document on a thread of its own. The parser takes an index as large as the document from the shared pool, and gives it back when less was needed; the pool keeps
    /// one of each size for every thread, in a busy host hundreds of mebibytes, and lets go of them with the thread. Nobody disposes of the document, which would give back the rest.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    internal static JsonDocument ParseLarge(ReadOnlyMemory<byte> utf8, JsonDocumentOptions options)
    {
        Task<JsonDocument> parsing;
        try
        {
            parsing = Task.Factory.StartNew(() => JsonDocument.Parse(utf8, options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (TaskSchedulerException)
        {
            // The system gives no thread more.
            return JsonDocument.Parse(utf8, options);
        }

        return parsing.GetAwaiter().GetResult();
    }

    /// <summary>Parses JSON that others wrote; false when it is none, or when a member's name holds half of a surrogate pair.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="value">What they say; its texts may still be unreadable, its names are not.</param>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, out JsonElement value) => TryParse(utf8, DocumentOptions, out value);

    /// <summary>As <see cref="TryParse(ReadOnlySpan{byte}, out JsonElement)"/>, for a record that holds a value.</summary>
    internal static bool TryParseRecord(ReadOnlySpan<byte> utf8, out JsonElement value) => TryParse(utf8, RecordOptions, out value);

    private static bool TryParse(ReadOnlySpan<byte> utf8, JsonDocumentOptions options, out JsonElement value)
    {
        try
        {
            value = JsonElement.Parse(utf8, options);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The parser compares names to find those that are there twice, and throws the latter when one cannot be decoded.
            value = default;
            return false;
        }
    }

    /// <summary>As <see cref="TryParse(ReadOnlySpan{byte}, out JsonElement)"/>, and every text in it can be read.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="value">What they say.</param>
    internal static bool TryRead(ReadOnlySpan<byte> utf8, out JsonElement value)
    {
        value = default;
        return Utf8.IsValid(utf8) && TryParse(utf8, out value) && (utf8.IndexOf("\\u"u8) < 0 || IsReadable(value));
    }

    /// <summary>Whether every text and every member's name in <paramref name="value"/> can be read: none holds half of a surrogate pair.</summary>
    /// <param name="value">Any value.</param>
    internal static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsReadable(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
                JsonValueKind.String => value.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether the reader stands on this text. A name that cannot be decoded, since it holds half of a surrogate pair, is no name we know.</summary>
    internal static bool TextEquals(ref Utf8JsonReader reader, string text)
    {
        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static JsonProblem? FindProblemInObject(JsonElement value)
    {
        var names = value.GetPropertyCount() > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var member in value.EnumerateObject())
        {
            if (TryGetName(member) is not { } name || FindTextProblem(name) is not null)
            {
                return new JsonProblem("", "A member's name must not contain U+0000 or half of a surrogate pair.");
            }

            if (names?.Add(name) == false)
            {
                return new JsonProblem("", "This member is there twice.").Within(name);
            }

            if (FindProblem(member.Value) is { } problem)
            {
                return problem.Within(name);
            }
        }

        return null;
    }

    private static JsonProblem? FindProblemInText(JsonElement value)
    {
        // In UTF-8 only what is escaped can be wrong; no string is made of a text of many mebibytes to see that nothing is.
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (raw.IndexOf("\\u"u8) < 0 && Utf8.IsValid(raw))
        {
            return null;
        }

        try
        {
            return FindTextProblem(value.GetString()!) is { } reason ? new JsonProblem("", reason) : null;
        }
        catch (InvalidOperationException)
        {
            return new JsonProblem("", "Text must not contain half of a surrogate pair.");
        }
    }

    private static string? TryGetName(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether two values are the same, however they are written. Numbers of which the platform refuses to say it are the same when they are written the same.</summary>
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        try
        {
#pragma warning disable RS0030 // What it throws is dealt with here.
            return JsonElement.DeepEquals(left, right);
#pragma warning restore RS0030
        }
        catch (ArgumentOutOfRangeException)
        {
            // An exponent beyond 32 bits, such as that of 0e99999999999.
            return left.GetRawText() == right.GetRawText();
        }
    }
}

/// <summary>A place in a JSON body and what is wrong there.</summary>
/// <param name="Pointer">A JSON pointer (RFC 6901); empty for the whole body.</param>
/// <param name="Message">A sentence for the person who sent it.</param>
internal readonly record struct JsonProblem(string Pointer, string Message)
{
    /// <summary>The same problem, seen from the value that holds it under this name or index.</summary>
    /// <param name="step">A member's name or an index, not escaped.</param>
    public JsonProblem Within(string step) => this with
    {
        Pointer = $"/{step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}{Pointer}",
    };
}
