using System.Text;

namespace AgentOps.Rca.Json;

/// <summary>Compares text by its bytes in UTF-8, as databases do; ordinal UTF-16 order differs above U+D7FF.</summary>
internal sealed class Utf8Comparer : IComparer<string>
{
    private Utf8Comparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static Utf8Comparer Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return x is null ? y is null ? 0 : -1 : 1;
        }

        return Ascii.IsValid(x) && Ascii.IsValid(y)
            ? string.CompareOrdinal(x, y)
            : Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));
    }
}
