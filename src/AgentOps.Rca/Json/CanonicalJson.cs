using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Json;

/// <summary>
/// The canonical form of JSON, as RFC 8785 (JCS) defines it: members in the order of their names' UTF-16 code units, no white space,
/// numbers as ECMAScript prints them. One step beyond it: an integer of 64 bits keeps all its digits, since timestamps in nanoseconds
/// need them. Everything that is hashed is in this form.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>The canonical form as UTF-8.</summary>
    /// <param name="value">Any JSON value that <see cref="JsonRules.FindProblem"/> finds nothing wrong with.</param>
    public static byte[] ToUtf8(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the canonical form as UTF-8.</summary>
    /// <param name="value">Any JSON value that <see cref="JsonRules.FindProblem"/> finds nothing wrong with.</param>
    /// <param name="destination">Where the bytes go.</param>
    public static void Write(JsonElement value, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, destination);
                break;
            case JsonValueKind.Array:
                destination.Write("["u8);
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first)
                    {
                        destination.Write(","u8);
                    }

                    first = false;
                    Write(item, destination);
                }

                destination.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(value, destination);
                break;
            case JsonValueKind.Number:
                WriteNumber(value, destination);
                break;
            case JsonValueKind.True:
                destination.Write("true"u8);
                break;
            case JsonValueKind.False:
                destination.Write("false"u8);
                break;
            default:
                destination.Write("null"u8);
                break;
        }
    }

    /// <summary>Writes an integer of 64 bits in canonical form.</summary>
    /// <param name="value">The integer.</param>
    /// <param name="destination">Where the bytes go.</param>
    public static void WriteInteger(long value, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        const int longest = 20;
        value.TryFormat(destination.GetSpan(longest), out var written, default, CultureInfo.InvariantCulture);
        destination.Advance(written);
    }

    /// <summary>Writes a text in canonical form: only the quote, the backslash and control characters are escaped.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="destination">Where the bytes go.</param>
    public static void WriteText(string text, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(destination);
        destination.Write("\""u8);
        WriteTextInside(text, destination);
        destination.Write("\""u8);
    }

    /// <summary>Writes a text in canonical form.</summary>
    /// <param name="utf8">The text; what is no UTF-8 in it becomes U+FFFD.</param>
    /// <param name="destination">Where the bytes go.</param>
    internal static void WriteText(ReadOnlySpan<byte> utf8, IBufferWriter<byte> destination)
    {
        if (utf8.ContainsAny(EscapedUtf8) || !Utf8.IsValid(utf8))
        {
            WriteText(Encoding.UTF8.GetString(utf8), destination);
            return;
        }

        var room = destination.GetSpan(utf8.Length + 2);
        room[0] = (byte)'"';
        utf8.CopyTo(room[1..]);
        room[utf8.Length + 1] = (byte)'"';
        destination.Advance(utf8.Length + 2);
    }

    private static void WriteTextInside(string text, IBufferWriter<byte> destination)
    {
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Escaped) is var next and >= 0)
        {
            Encoding.UTF8.GetBytes(rest[..next], destination);
            WriteEscape(rest[next], destination);
            rest = rest[(next + 1)..];
        }

        Encoding.UTF8.GetBytes(rest, destination);
    }

    /// <summary>The SHA-256 of the canonical form.</summary>
    /// <param name="value">Any JSON value that <see cref="JsonRules.FindProblem"/> finds nothing wrong with.</param>
    public static ArtifactDigest Digest(JsonElement value) => ArtifactDigest.Of(ToUtf8(value));

    /// <summary>Whether two values have the same canonical form.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    public static bool AreEqual(JsonElement left, JsonElement right) => ToUtf8(left).AsSpan().SequenceEqual(ToUtf8(right));

    /// <summary>
    /// The canonical form as text, which says the same whichever way a value was written down; the text itself where there is no canonical
    /// form. What a report says of a value must not depend on how a store or a bundle writes it.
    /// </summary>
    /// <param name="value">Any JSON value.</param>
    internal static string TextOf(JsonElement value) =>
        JsonRules.FindProblem(value) is null ? Encoding.UTF8.GetString(ToUtf8(value)) : value.GetRawText();

    private static readonly Comparison<JsonProperty> ByBytes = static (left, right) =>
        JsonMarshal.GetRawUtf8PropertyName(left).SequenceCompareTo(JsonMarshal.GetRawUtf8PropertyName(right));

    private static readonly Comparison<JsonProperty> ByText = static (left, right) => string.CompareOrdinal(left.Name, right.Name);

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (char)code), '"', '\\']);

    private static readonly SearchValues<byte> EscapedUtf8 = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private static void WriteNumber(JsonElement value, IBufferWriter<byte> destination)
    {
        if (value.TryGetInt64(out var integer))
        {
            WriteInteger(integer, destination);
        }
        else
        {
            Encoding.UTF8.GetBytes(CanonicalNumber.Format(value), destination);
        }
    }

    private static void WriteString(JsonElement value, IBufferWriter<byte> destination)
    {
        // JSON that escapes nothing is canonical already: what must be escaped cannot stand in it otherwise.
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (raw.Contains((byte)'\\') || !Utf8.IsValid(raw))
        {
            WriteText(value.GetString()!, destination);
        }
        else
        {
            destination.Write(raw);
        }
    }

    private static void WriteObject(JsonElement value, IBufferWriter<byte> destination)
    {
        destination.Write("{"u8);
        var count = value.GetPropertyCount();
        var rented = ArrayPool<JsonProperty>.Shared.Rent(count);
        var members = rented.AsSpan(0, count);
        try
        {
            var arePlain = true;
            var i = 0;
            foreach (var member in value.EnumerateObject())
            {
                arePlain &= IsPlain(JsonMarshal.GetRawUtf8PropertyName(member));
                members[i++] = member;
            }

            // Millions of spans are hashed: their names are nearly all plain, and need no texts of their own to be put in order.
            members.Sort(arePlain ? ByBytes : ByText);
            for (i = 0; i < count; i++)
            {
                destination.Write(i == 0 ? "\""u8 : ",\""u8);
                if (arePlain)
                {
                    destination.Write(JsonMarshal.GetRawUtf8PropertyName(members[i]));
                    destination.Write("\":"u8);
                }
                else
                {
                    WriteTextInside(members[i].Name, destination);
                    destination.Write("\":"u8);
                }

                Write(members[i].Value, destination);
            }
        }
        finally
        {
            ArrayPool<JsonProperty>.Shared.Return(rented, clearArray: true);
        }

        destination.Write("}"u8);
    }

    // For ASCII, the order of bytes is that of UTF-16 code units.
    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    private static void WriteEscape(char character, IBufferWriter<byte> destination)
    {
        switch (character)
        {
            case '"':
                destination.Write("\\\""u8);
                break;
            case '\\':
                destination.Write("\\\\"u8);
                break;
            case '\b':
                destination.Write("\\b"u8);
                break;
            case '\f':
                destination.Write("\\f"u8);
                break;
            case '\n':
                destination.Write("\\n"u8);
                break;
            case '\r':
                destination.Write("\\r"u8);
                break;
            case '\t':
                destination.Write("\\t"u8);
                break;
            default:
                Encoding.UTF8.GetBytes($"\\u{(int)character:x4}", destination);
                break;
        }
    }
}
