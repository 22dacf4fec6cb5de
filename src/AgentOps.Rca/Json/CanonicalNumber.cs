using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Json;

/// <summary>Numbers as ECMAScript's Number::toString prints them, which RFC 8785 prescribes.</summary>
internal static class CanonicalNumber
{
    /// <summary>Whether a double holds the number so exactly that its shortest form has the same value as the digits given.</summary>
    public static bool IsExact(JsonElement number)
    {
        if (number.TryGetInt64(out var integer) && Math.Abs((decimal)integer) <= 1L << 53)
        {
            return true;
        }

        var text = number.GetRawText();
        return number.TryGetDouble(out var value) && double.IsFinite(value)
            && Digits.Of(text) == Digits.Of(value.ToString("R", CultureInfo.InvariantCulture));
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
            BigInteger exponent = 0;
            if (mantissa.IndexOfAny('e', 'E') is var e and >= 0)
            {
                exponent = BigInteger.Parse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
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
                : new Digits(negative, significant, (int)BigInteger.Clamp(exponent, int.MinValue, int.MaxValue));
        }
    }
}
