using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Json;

/// <summary>Numbers as ECMAScript's Number::toString prints them, which RFC 8785 prescribes.</summary>
internal static class CanonicalNumber
{
    // No double has more digits than these when it is written out in full.
    private const int MostDigits = 767;

    // So many digits tell every double from its neighbours; what writes doubles writes no more, and some writers no fewer.
    private const int DigitsOfADouble = 17;

    /// <summary>
    /// Whether a double holds the number. A whole number must come back digit by digit. One with a fraction may have the 17 digits that
    /// <c>%.17g</c> and the like print, or more when they come back: a double written out in full.
    /// </summary>
    public static bool IsExact(JsonElement number)
    {
        if (number.TryGetInt64(out var integer) && Math.Abs((decimal)integer) <= 1L << 53)
        {
            return true;
        }

        var text = number.GetRawText();
        if (!number.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            return false;
        }

        var given = Digits.Of(text);
        if (given == Digits.Of(value.ToString("R", CultureInfo.InvariantCulture)))
        {
            return true;
        }

        if (given.Significant.Length is > 0 and <= DigitsOfADouble && !double.IsInteger(value))
        {
            return true;
        }

        // An integer of 64 bits keeps its digits in the canonical form; one with a point or an exponent would get others there than in
        // a database that writes it out.
        return given.Significant.Length is > 0 and <= MostDigits
            && !(double.IsInteger(value) && Math.Abs(value) <= long.MaxValue && text.AsSpan().ContainsAny('.', 'e', 'E'))
            && given == Digits.Of(value.ToString(string.Create(CultureInfo.InvariantCulture, $"E{given.Significant.Length - 1}"), CultureInfo.InvariantCulture));
    }

    /// <summary>The whole number that a JSON number is, however it is written: <c>1.0</c> and <c>1e3</c> are whole.</summary>
    /// <param name="text">The number as it stands in JSON.</param>
    /// <param name="value">What it is, when it fits.</param>
    /// <returns>Whether it is whole and has at most 20 digits, as every integer of 64 bits has.</returns>
    public static bool TryGetWhole(string text, out Int128 value)
    {
        const int most = 20;
        var (negative, significant, point) = Digits.Of(text);
        value = 0;
        if (significant.Length == 0)
        {
            return true;
        }

        if (significant.Length > point || point > most)
        {
            return false;
        }

        value = Int128.Parse(significant, NumberStyles.None, CultureInfo.InvariantCulture);
        for (var i = significant.Length; i < point; i++)
        {
            value *= 10;
        }

        value = negative ? -value : value;
        return true;
    }

    /// <summary>The whole number that a text is: a number as JSON would write it, and no longer than anybody writes one.</summary>
    public static bool TryReadWhole(string text, out Int128 value)
    {
        const int longest = 400;
        const NumberStyles json = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        value = 0;
        return text.Length is > 0 and < longest && (char.IsAsciiDigit(text[0]) || text[0] == '-') && char.IsAsciiDigit(text[^1])
            && double.TryParse(text, json, CultureInfo.InvariantCulture, out _) && TryGetWhole(text, out value);
    }

    /// <summary>The number in ECMAScript's form. A 64-bit integer that a double cannot hold keeps all its digits.</summary>
    public static string Format(JsonElement number)
    {
        if (number.TryGetInt64(out var integer))
        {
            return integer.ToString(CultureInfo.InvariantCulture);
        }

        return Format(number.GetDouble());
    }

    /// <summary>The number in ECMAScript's form.</summary>
    /// <exception cref="ArgumentException">It is not finite, so JSON has no form for it.</exception>
    public static string Format(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException("JSON has no form for a number that is not finite.", nameof(value));
        }

        if (value == 0)
        {
            return "0";
        }

        var (negative, digits, point) = Digits.Of(value.ToString("R", CultureInfo.InvariantCulture));
        var text = new StringBuilder(negative ? "-" : "");
        if (digits.Length <= point && point <= 21)
        {
            text.Append(digits).Append('0', point - digits.Length);
        }
        else if (point is > 0 and <= 21)
        {
            text.Append(digits, 0, point).Append('.').Append(digits, point, digits.Length - point);
        }
        else if (point is > -6 and <= 0)
        {
            text.Append("0.").Append('0', -point).Append(digits);
        }
        else
        {
            text.Append(digits[0]);
            if (digits.Length > 1)
            {
                text.Append('.').Append(digits, 1, digits.Length - 1);
            }

            text.Append('e').Append(point > 0 ? '+' : '-').Append(CultureInfo.InvariantCulture, $"{Math.Abs(point - 1)}");
        }

        return text.ToString();
    }

    /// <summary>A decimal number taken apart: its significant digits and where its point stands, counted from their left end.</summary>
    private readonly record struct Digits(bool Negative, string Significant, int Point)
    {
        public static Digits Of(string text)
        {
            var negative = text.StartsWith('-');
            var mantissa = text.AsSpan(negative ? 1 : 0);
            var exponent = 0L;
            if (mantissa.IndexOfAny('e', 'E') is var e and >= 0)
            {
                exponent = Exponent(mantissa[(e + 1)..]);
                mantissa = mantissa[..e];
            }

            var dot = mantissa.IndexOf('.');
            var point = dot >= 0 ? dot : mantissa.Length;
            var digits = string.Concat(mantissa[..point], dot >= 0 ? mantissa[(dot + 1)..] : "");
            var significant = digits.TrimStart('0');
            exponent += point - (digits.Length - significant.Length);
            significant = significant.TrimEnd('0');
            return significant.Length == 0
                ? new Digits(false, "", 0)
                : new Digits(negative, significant, (int)Math.Clamp(exponent, int.MinValue, int.MaxValue));
        }

        // An exponent of more digits than these makes any number of a body that fits in memory zero or infinite; reading millions of them
        // exactly would take half a minute.
        private static long Exponent(ReadOnlySpan<char> text)
        {
            const int mostDigits = 10;
            var negative = text[0] == '-';
            var digits = text.TrimStart("+-").TrimStart('0');
            var value = digits.Length > mostDigits ? long.MaxValue / 4 : digits.Length == 0 ? 0 : long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
            return negative ? -value : value;
        }
    }
}
