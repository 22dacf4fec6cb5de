using System.Text;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Texts that come again and again, such as tools and incident ids, as one string each. Bounded; a miss only costs a string.</summary>
internal sealed class TextCache
{
    private const int Slots = 128;
    private const int MaxLength = 64;

    private readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[Slots];

    /// <summary>The text of these bytes, which are valid UTF-8.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var slot = ref _slots[(utf8.Length + (utf8[^1] * 31) + (utf8[utf8.Length / 2] * 7)) % Slots];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8))
        {
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return slot.Text;
    }
}
