using System.Text.RegularExpressions;

namespace AgentOps.Rca.Redaction;

/// <summary>Personal data with a shape: e-mail addresses, bank accounts, payment cards, telephone numbers.</summary>
internal static partial class PersonalDataPatterns
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant;

    public static IReadOnlyList<RedactionPattern> All { get; } =
    [
        new("EMAIL", Email),
        new("IBAN", Iban, Checksums.IsIban),
        new("CARD", Card, Checksums.IsCardNumber),
        new("PHONE", Phone, IsPhone),
    ];

    private static bool IsPhone(string text) => text.Count(char.IsAsciiDigit) is >= 8 and <= 15;

    [GeneratedRegex(@"[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,24}", Plain)]
    private static partial Regex Email { get; }

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", Plain)]
    private static partial Regex Iban { get; }

    [GeneratedRegex(@"(?<![\d.])[2-6](?:[ -]?\d){11,18}(?![\d.])", Plain)]
    private static partial Regex Card { get; }

    // With a country code, or in groups as people write them; a bare row of digits is an id or a timestamp, and numbers with
    // spaces between them are a list unless the first begins with a zero.
    [GeneratedRegex(@"(?<![\w.+-])(?:(?:\+|00)[1-9]\d{0,2}[ .()/-]*\d(?:[ .()/-]{0,2}\d){5,12}|\(\d{2,5}\)[ -]?\d{2,4}(?:[ -]?\d{2,5}){1,3}|0[1-9]\d{0,3}[ /-]\d{3,4}[ -]\d{3,5}|\d{2,4}[/-]\d{3,4}-\d{3,5})(?![\w-])", Plain)]
    private static partial Regex Phone { get; }
}
