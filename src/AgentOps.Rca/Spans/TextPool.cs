using System.Text;

namespace AgentOps.Rca.Spans;

/// <summary>Texts of which there are few and that stand in many spans: one object for each.</summary>
internal sealed class TextPool
{
    private const int ShortText = 256;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The text.</summary>
    /// <param name="text">The same text.</param>
    public string Of(string text)
    {
        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        _texts.Add(text, text);
        return text;
    }

    /// <summary>The text; none is made of one that is known.</summary>
    /// <param name="utf8">The same in UTF-8.</param>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        Span<char> room = stackalloc char[ShortText];
        return utf8.Length <= ShortText
            && _texts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(room[..Encoding.UTF8.GetChars(utf8, room)], out var known)
            ? known
            : Of(Encoding.UTF8.GetString(utf8));
    }
}
