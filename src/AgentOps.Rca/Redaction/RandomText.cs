namespace AgentOps.Rca.Redaction;

/// <summary>Tells a token that a machine drew at random from a name that a person gave.</summary>
internal static class RandomText
{
    private const int UuidLength = 36;
    private const int MinPieceLength = 16;
    private const double MinPieceEntropy = 2.8;
    private const double MinMixedEntropy = 3.8;

    /// <summary>
    /// A token looks random when a piece of it between separators mixes digits and letters closely, or when the whole of it mixes cases
    /// and digits. UUIDs are ids in nearly every system, and are left.
    /// </summary>
    public static bool LooksRandom(string token)
    {
        if (token.Length == UuidLength && Guid.TryParse(token, out _))
        {
            return false;
        }

        foreach (var range in token.AsSpan().SplitAny('-', '_', '/'))
        {
            var piece = token.AsSpan()[range];
            if (piece.Length >= MinPieceLength && Count(piece, char.IsAsciiDigit) >= 2 && Count(piece, char.IsAsciiLetter) >= 2
                && Entropy(piece) >= MinPieceEntropy)
            {
                return true;
            }
        }

        return token.AsSpan().ContainsAnyInRange('0', '9') && token.AsSpan().ContainsAnyInRange('a', 'z')
            && token.AsSpan().ContainsAnyInRange('A', 'Z') && Entropy(token) >= MinMixedEntropy;
    }

    /// <summary>Shannon's entropy in bits per character.</summary>
    public static double Entropy(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[128];
        foreach (var character in text)
        {
            counts[character & 127]++;
        }

        var entropy = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / text.Length;
                entropy -= share * Math.Log2(share);
            }
        }

        return entropy;
    }

    private static int Count(ReadOnlySpan<char> text, Func<char, bool> matches)
    {
        var count = 0;
        foreach (var character in text)
        {
            count += matches(character) ? 1 : 0;
        }

        return count;
    }
}
