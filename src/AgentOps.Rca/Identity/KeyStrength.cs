namespace AgentOps.Rca.Identity;

/// <summary>Whether a key can be guessed, as far as its text tells: a random one of 128 bits passes, a word does not.</summary>
internal static class KeyStrength
{
    private const double LeastBits = 120;
    private const int LeastDistinct = 8;

    /// <summary>What a key must be, for sentences.</summary>
    public const string Rule = "it must be random and hold at least 128 bits: 32 hexadecimal digits, or 22 letters and digits (openssl rand -hex 32 makes one)";

    public static bool IsStrong(string key)
    {
        var pool = 0;
        pool += key.Any(char.IsAsciiDigit) ? 10 : 0;
        pool += key.All(char.IsAsciiHexDigitLower) ? 6 : key.Any(char.IsAsciiLetterLower) ? 26 : 0;
        pool += key.Any(char.IsAsciiLetterUpper) ? 26 : 0;
        pool += key.Any(static character => !char.IsAsciiLetterOrDigit(character)) ? 10 : 0;
        return key.Distinct().Count() >= LeastDistinct && key.Length * Math.Log2(Math.Max(pool, 2)) >= LeastBits;
    }
}
