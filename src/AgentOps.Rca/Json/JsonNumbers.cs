using System.Globalization;
using System.Text.Json;

namespace AgentOps.Rca.Json;

/// <summary>
/// Numbers by their value and not by how they are written: 3, 3.0 and 3e0 are one number, and any of them may be in its place after a store
/// or a bundle has written it anew.
/// </summary>
internal static class JsonNumbers
{
    /// <summary>Reads a whole number that fits into 64 bits; false for anything else.</summary>
    public static bool TryGetWhole(JsonElement value, out long number)
    {
        number = 0;
        if (value.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        if (value.TryGetInt64(out number))
        {
            return true;
        }

        if (!CanonicalNumber.TryGetWhole(value.GetRawText(), out var whole) || whole < long.MinValue || whole > long.MaxValue)
        {
            return false;
        }

        number = (long)whole;
        return true;
    }

    /// <summary>Reads a whole number that fits into 32 bits; false for anything else.</summary>
    public static bool TryGetWhole(JsonElement value, out int number)
    {
        var isWhole = TryGetWhole(value, out long whole) && whole is >= int.MinValue and <= int.MaxValue;
        number = isWhole ? (int)whole : 0;
        return isWhole;
    }

    /// <summary>Reads an amount as a person would write it; false for what is no number, or too large to be one.</summary>
    public static bool TryGetDecimal(JsonElement value, out decimal number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var approximate) && double.IsFinite(approximate)
            && decimal.TryParse(CanonicalNumber.Format(value), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }
}
