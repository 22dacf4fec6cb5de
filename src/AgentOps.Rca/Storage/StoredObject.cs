using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Storage;

/// <summary>
/// Reads the JSON objects of rows that others may have written. Some programs serialize an object and store the text as a value: it is read as
/// the object in it. What is no object at all stands under <c>value</c>, so that nothing is lost and whatever reads spans finds an object.
/// </summary>
internal static class StoredObject
{
    private const string Value = "value";

    // An object that was serialized more often than this was not meant to be read again.
    private const int MaxLayers = 4;

    private const int LongNumber = 300;

    /// <summary>Reads a column's JSON text.</summary>
    public static JsonElement Read(string text) => text == "{}" ? JsonRules.EmptyObject : Read(text, MaxLayers);

    /// <summary>Reads a value of JSON that goes with its document.</summary>
    public static JsonElement Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when value.GetRawText() is var text && !IsSuspicious(text) && !MayBeDeep(text) => value.Clone(),
        JsonValueKind.String => ReadText(value, value.GetRawText(), MaxLayers),
        _ => Read(value.GetRawText(), MaxLayers),
    };

    /// <summary>Whether a column of jsonb holds an object that can be taken as it stands; what is none goes through <see cref="Read(string)"/>.</summary>
    /// <param name="utf8">The column's text.</param>
    public static bool IsPlain(ReadOnlySpan<byte> utf8) => utf8 is [(byte)'{', ..]
        && utf8.IndexOf("\\u"u8) < 0
        // jsonb prints numbers that no double holds with all their digits, and never with an exponent.
        && (utf8.Length < LongNumber || !IsSuspicious(Encoding.UTF8.GetString(utf8)))
        && utf8.Count((byte)'{') + utf8.Count((byte)'[') <= JsonRules.MaxDepth;

    private static JsonElement Read(string text, int layers)
    {
        JsonElement value;
        try
        {
            value = JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return Wrap(text);
        }

        return value.ValueKind switch
        {
            JsonValueKind.Null => JsonRules.EmptyObject,
            JsonValueKind.Object => IsSuspicious(text) && JsonRules.FindProblem(value) is not null ? Wrap(text) : value,
            JsonValueKind.String => ReadText(value, text, layers),
            _ => IsSuspicious(text) && JsonRules.FindProblem(value) is not null ? Wrap(text) : Wrap(value),
        };
    }

    private static JsonElement ReadText(JsonElement value, string raw, int layers)
    {
        if (JsonRules.FindProblem(value) is not null)
        {
            return Wrap(raw);
        }

        var inner = value.GetString()!;
        // A column of text is a text to the Data API, whatever JSON it holds, and is read as that JSON by PostgreSQL's own protocol.
        return layers > 0 && inner.AsSpan().TrimStart() is ['{' or '[' or '"' or '-' or 't' or 'f' or 'n' or (>= '0' and <= '9'), ..]
            ? Read(inner, layers - 1)
            : inner.Length == 0 ? JsonRules.EmptyObject
            : Wrap(value);
    }

    /// <summary>
    /// Whether JSON that a database took may hold what nothing here can: numbers beyond a double, a member twice or half of a surrogate pair.
    /// Columns of jsonb hold none of these but the first, which they print with all its digits.
    /// </summary>
    private static bool IsSuspicious(string text)
    {
        if (text.Contains("\\u", StringComparison.Ordinal))
        {
            return true;
        }

        var digits = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                // 300 digits in a row, or an exponent of three.
                if (++digits >= LongNumber || (digits == 3 && i >= 4 && IsExponent(text.AsSpan(0, i - 2))))
                {
                    return true;
                }
            }
            else
            {
                digits = 0;
            }
        }

        return false;
    }

    private static bool MayBeDeep(string text) => text.AsSpan().Count('{') + text.AsSpan().Count('[') > JsonRules.MaxDepth;

    private static bool IsExponent(ReadOnlySpan<char> before) => before.TrimEnd("+-") is [.., >= '0' and <= '9' or '.', 'e' or 'E'];

    private static JsonElement Wrap(string text) => Wrap(writer => writer.WriteStringValue(OtlpText.Clean(text)));

    private static JsonElement Wrap(JsonElement value) => Wrap(value.WriteTo);

    private static JsonElement Wrap(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName(Value);
            write(json);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
