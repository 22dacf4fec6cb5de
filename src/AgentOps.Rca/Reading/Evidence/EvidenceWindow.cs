using System.Buffers;
using System.Text;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Reading;

/// <summary>Cuts the bytes around a place out of a source and makes them a text that may be shown, with the place of each part.</summary>
internal static class EvidenceWindow
{
    // What is pointed at is shown up to this; the rest is read from the content itself.
    private const int MostPointed = 4_096;

    // A secret is known by what stands around it, which may be just outside of what is shown.
    private const int Margin = 6_144;

    /// <summary>The text around a place.</summary>
    /// <param name="source">All bytes of the source.</param>
    /// <param name="place">What is pointed at.</param>
    /// <param name="around">How many bytes to show before and after it.</param>
    /// <param name="redactor">Masks what must not be seen, or null.</param>
    /// <param name="personalDataIsMasked">Whether personal data was masked before the source was stored.</param>
    public static EvidenceContext Show(ReadOnlySpan<byte> source, ByteRange place, int around, Redactor? redactor, bool personalDataIsMasked)
    {
        var pointed = (int)Math.Min(place.Length, MostPointed);
        var isCut = pointed < place.Length;
        var from = Boundary(source, (int)Math.Max(0, place.Offset - around));
        var to = Boundary(source, (int)Math.Min(source.Length, place.Offset + pointed + (isCut ? 0 : around)));
        var (wideFrom, wideTo) = (Boundary(source, Math.Max(0, from - Margin)), Boundary(source, Math.Min(source.Length, to + Margin)));
        var (text, offsets) = Decode(source[wideFrom..wideTo], wideFrom);
        var shown = redactor is null ? [new ShownPart(0, text.Length, text, IsMasked: false)] : redactor.Parts(text, personalDataIsMasked);
        List<EvidencePart> parts = [];
        foreach (var part in shown)
        {
            if (part.IsMasked)
            {
                // Half of a secret is not cut off: the whole placeholder stands where part of it would be seen.
                var (start, end) = (offsets[part.Start], offsets[part.Start + part.Length]);
                if (end > from && start < to)
                {
                    parts.Add(new EvidencePart(start, end - start, part.Text, start < place.Offset + place.Length && end > place.Offset, Masked: true));
                }

                continue;
            }

            foreach (var (low, high, isPointed) in new[]
                { (from, place.Offset, false), (place.Offset, place.Offset + pointed, true), (place.Offset + pointed, (long)to, false) })
            {
                var first = Char(offsets, part.Start, part.Start + part.Length, Math.Max(low, from));
                var last = Char(offsets, part.Start, part.Start + part.Length, Math.Min(high, to));
                if (last > first)
                {
                    parts.Add(new EvidencePart(offsets[first], offsets[last] - offsets[first], text[first..last], isPointed, Masked: false));
                }
            }
        }

        var begin = parts.Count > 0 ? parts[0].Offset : from;
        var finish = parts.Count > 0 ? parts[^1].Offset + parts[^1].Length : from;
        return new EvidenceContext(begin, finish - begin, parts, parts.Count(static part => part.Masked), isCut);
    }

    // The first character, from one place in the text to another, that begins at this byte or after it.
    private static int Char(long[] offsets, int from, int to, long offset)
    {
        var found = Array.BinarySearch(offsets, from, to - from + 1, offset);
        if (found < 0)
        {
            return Math.Min(~found, to);
        }

        // Both halves of a surrogate pair stand at one byte.
        while (found > from && offsets[found - 1] == offset)
        {
            found--;
        }

        return found;
    }

    // Where a character begins.
    private static int Boundary(ReadOnlySpan<byte> utf8, int at)
    {
        for (var back = 0; back < 3 && at > 0 && at < utf8.Length && (utf8[at] & 0xC0) == 0x80; back++)
        {
            at--;
        }

        return at;
    }

    // The text, and the byte at which each of its characters begins; one more for its end. Bytes that are no UTF-8 show as U+FFFD.
    private static (string Text, long[] Offsets) Decode(ReadOnlySpan<byte> utf8, long start)
    {
        var text = new StringBuilder(utf8.Length);
        List<long> offsets = new(utf8.Length + 1);
        for (var at = 0; at < utf8.Length;)
        {
            var isWhole = Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length) == OperationStatus.Done;
            var character = isWhole ? rune.ToString() : "\uFFFD";
            text.Append(character);
            for (var i = 0; i < character.Length; i++)
            {
                offsets.Add(start + at);
            }

            at += length;
        }

        offsets.Add(start + utf8.Length);
        return (text.ToString(), [.. offsets]);
    }
}
