using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing;

/// <summary>Reads values that others wrote, whatever they hold: halves of surrogate pairs, members of another kind, no members at all.</summary>
internal static class ImportJson
{
    /// <summary>The member of this name; null when it is not there, is null, or the value is no object.</summary>
    public static JsonElement? Find(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            return value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
        }
        catch (InvalidOperationException)
        {
            // A member beside it has a name that cannot be decoded.
            foreach (var member in value.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Null && NameOf(member) == name)
                {
                    return member.Value;
                }
            }

            return null;
        }
    }

    /// <summary>A member of a member, and so on.</summary>
    public static JsonElement? Find(JsonElement value, string name, params ReadOnlySpan<string> more)
    {
        var found = Find(value, name);
        foreach (var next in more)
        {
            found = found is { } within ? Find(within, next) : null;
        }

        return found;
    }

    /// <summary>A member that is text, and not an empty one.</summary>
    public static string? Text(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.String } text && TextOf(text) is { Length: > 0 } said ? said : null;

    /// <summary>A member that is an object.</summary>
    public static JsonElement? Object(JsonElement value, string name) => Find(value, name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>The items of a member that is a list; none when it is none.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A member that is a whole number of at least 0.</summary>
    public static long? Count(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.Number } number && JsonNumbers.TryGetWhole(number, out long count) && count >= 0 ? count : null;

    /// <summary>A member that is a number.</summary>
    public static double? Number(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var found) && double.IsFinite(found) ? found : null;

    public static bool IsTrue(JsonElement value, string name) => Find(value, name) is { ValueKind: JsonValueKind.True };

    /// <summary>What a text says, with U+FFFD for what no store keeps.</summary>
    public static string TextOf(JsonElement text)
    {
        try
        {
            return OtlpText.Clean(text.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return OtlpText.Unescape(text.GetRawText().AsSpan()[1..^1]);
        }
    }

    public static string NameOf(JsonProperty member) => OtlpText.Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member)));

    /// <summary>A value as content: a text by itself, anything else as the JSON that it is.</summary>
    public static string ContentOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? TextOf(value) : RawOf(value);

    /// <summary>A value as JSON that everybody can read: halves of surrogate pairs become U+FFFD.</summary>
    public static string RawOf(JsonElement value)
    {
        var raw = value.GetRawText();
        return raw.Contains("\\u", StringComparison.Ordinal) && !JsonRules.IsReadable(value) ? Mend(raw) : raw;
    }

    /// <summary>A text as JSON.</summary>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>A value as an attribute.</summary>
    public static OtlpValue ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => OtlpValue.Of(TextOf(value)),
        JsonValueKind.True or JsonValueKind.False => OtlpValue.Of(value.GetBoolean()),
        JsonValueKind.Number when value.TryGetInt64(out var whole) => OtlpValue.Of(whole),
        JsonValueKind.Number when CanonicalNumber.IsExact(value) => OtlpValue.Of(value.GetDouble()),
        JsonValueKind.Null or JsonValueKind.Undefined => default,
        _ => OtlpValue.Of(RawOf(value)),
    };

    private static string Mend(string raw)
    {
        var mended = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || raw[i + 1] != 'u')
            {
                mended.Append(raw[i]);
                if (raw[i] == '\\')
                {
                    mended.Append(raw[++i]);
                }

                continue;
            }

            var isPair = IsHalf(raw, i, high: true) && i + 11 < raw.Length && raw[i + 6] == '\\' && raw[i + 7] == 'u' && IsHalf(raw, i + 6, high: false);
            var isHalf = IsHalf(raw, i, high: true) || IsHalf(raw, i, high: false);
            mended.Append(isHalf && !isPair ? "\\ufffd" : raw.AsSpan(i, isPair ? 12 : 6));
            i += isPair ? 11 : 5;
        }

        return mended.ToString();
    }

    // The third digit of D800 to DBFF is 8 to B, that of DC00 to DFFF is C to F.
    private static bool IsHalf(string raw, int escape, bool high) =>
        raw[escape + 2] is 'd' or 'D' && (high ? raw[escape + 3] is '8' or '9' or 'a' or 'b' or 'A' or 'B' : raw[escape + 3] is >= 'c' and <= 'f' or >= 'C' and <= 'F');
}
