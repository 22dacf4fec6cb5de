using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Ids that were named by the first and the last of them: “INV-501 to INV-531”.</summary>
internal static partial class IdRanges
{
    /// <summary>Whether an id lies within a range that a run had seen.</summary>
    public static bool Hold(KnownText known, string id)
    {
        if (Parts().Match(id) is not { Success: true } own || !TryNumber(own, out var number))
        {
            return false;
        }

        // The last one may be given by its number alone.
        var prefix = own.Groups["prefix"].Value;
        return known.Texts.Any(text => text.Contains(prefix, StringComparison.OrdinalIgnoreCase) && Range().Matches(text).Any(range =>
            Parts().Match(range.Groups["first"].Value) is { Success: true } first && Parts().Match(range.Groups["last"].Value) is { Success: true } last
            && first.Groups["prefix"].Value.Equals(prefix, StringComparison.OrdinalIgnoreCase) && (last.Groups["prefix"].Length == 0 || last.Groups["prefix"].Value.Equals(prefix, StringComparison.OrdinalIgnoreCase))
            && TryNumber(first, out var from) && TryNumber(last, out var to) && from <= number && number <= to));
    }

    private static bool TryNumber(Match parts, out long number) => long.TryParse(parts.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex(@"\A(?<prefix>[\p{L}\p{N}_/#-]*?)(?<number>[0-9]{1,18})\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parts();

    [GeneratedRegex(@"(?<![\w-])(?<first>[\p{L}_/#-]{0,12}(?:[0-9]{1,8}-)?[0-9]{1,18})(?:\s*(?:-|–|—|…|\.{2,3}|~|〜|～)\s*|\s*(?:부터|から|从)\s*|\s+(?:(?:up )?to|through|thru|until|till|and|bis|und|a|al|hasta|y|à|au|jusqu['’]à|et|até|e|tot|en|til|till|och|do|po|по|до|から|至|到)\s+)(?<last>[\p{L}_/#-]{0,12}(?:[0-9]{1,8}-)?[0-9]{1,18})(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Range();
}
