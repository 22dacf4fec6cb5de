namespace AgentOps.Rca.Redaction;

/// <summary>The check digits of payment cards (ISO/IEC 7812, Luhn) and bank accounts (ISO 13616, modulo 97).</summary>
internal static class Checksums
{
    public static bool IsCardNumber(string text)
    {
        var (sum, count) = (0, 0);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            var digit = text[i] - '0';
            if (++count % 2 == 0)
            {
                digit = digit > 4 ? (digit * 2) - 9 : digit * 2;
            }

            sum += digit;
        }

        return count is >= 12 and <= 19 && sum % 10 == 0;
    }

    public static bool IsIban(string text)
    {
        var iban = text.Replace(" ", "", StringComparison.Ordinal);
        if (iban.Length is < 15 or > 34)
        {
            return false;
        }

        var remainder = 0;
        foreach (var character in iban[4..] + iban[..4])
        {
            var value = char.IsAsciiDigit(character) ? character - '0' : character - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder == 1;
    }
}
