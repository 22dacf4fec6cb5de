namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which JSON does not know and Python writes all the same. They become texts, so that what stands
/// around them is read.
/// </summary>
internal static class BareNumbers
{
    /// <summary>The same JSON with such numbers as texts; null when there are none.</summary>
    public static byte[]? Quote(ReadOnlySpan<byte> json)
    {
        if (!MayHave(json))
        {
            return null;
        }

        using var quoted = new MemoryStream(json.Length + 64);
        var from = 0;
        while (TryFind(json, from, out var at, out var length))
        {
            quoted.Write(json[from..at]);
            quoted.WriteByte((byte)'"');
            quoted.Write(json.Slice(at, length));
            quoted.WriteByte((byte)'"');
            from = at + length;
        }

        quoted.Write(json[from..]);
        return from == 0 ? null : quoted.ToArray();
    }

    /// <summary>The same JSON, as long as before, with zeros and blanks in their place, where only the names around them matter.</summary>
    public static ReadOnlySpan<byte> Blank(ReadOnlySpan<byte> json)
    {
        if (!MayHave(json))
        {
            return json;
        }

        var blanked = json.ToArray();
        for (var from = 0; TryFind(json, from, out var at, out var length); from = at + length)
        {
            blanked.AsSpan(at, length).Fill((byte)' ');
            blanked[at] = (byte)'0';
        }

        return blanked;
    }

    private static bool MayHave(ReadOnlySpan<byte> json) => json.IndexOf("NaN"u8) >= 0 || json.IndexOf("Infinity"u8) >= 0;

    // The next one outside of texts, from a place outside of them on.
    private static bool TryFind(ReadOnlySpan<byte> json, int from, out int at, out int length)
    {
        for (at = from; at < json.Length; at++)
        {
            var next = json[at..].IndexOfAny("\"NI-"u8);
            if (next < 0)
            {
                break;
            }

            at += next;
            if (json[at] == (byte)'"')
            {
                at = EndOfText(json, at);
            }
            else if ((length = LengthOf(json[at..])) > 0)
            {
                return true;
            }
        }

        (at, length) = (json.Length, 0);
        return false;
    }

    private static int LengthOf(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8) ? 3 : json.StartsWith("Infinity"u8) ? 8 : json.StartsWith("-Infinity"u8) ? 9 : 0;

    private static int EndOfText(ReadOnlySpan<byte> json, int at)
    {
        for (at++; at < json.Length; at++)
        {
            var next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                break;
            }

            at += next;
            if (json[at] == (byte)'"')
            {
                return at;
            }

            at++;
        }

        return json.Length;
    }
}
