using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Whether an answer that ended at the limit of its tokens is whole all the same: a label that it was to choose among those it was given, or a yes or no
/// where no more was allowed.
/// </summary>
internal static partial class ShortAnswer
{
    private const int MostText = 40;
    private const int FewTokens = 16;

    public static bool IsWhole(AgentRun run, ModelStep model, string said)
    {
        var text = said.Trim().Trim('"', '\'', '`', '*').TrimEnd('.');
        if (text.Length is 0 or > MostText || text.Contains('\n', StringComparison.Ordinal))
        {
            return false;
        }

        if (model.OutputLimit is <= FewTokens && YesOrNo().IsMatch(text))
        {
            return true;
        }

        // As one of a list: between commas, quotes or bars, after "or", at the beginning of a line.
        var choice = new Regex(
            $@"(?:^\s*(?:\d+[.)]\s*)?|[,;:|/\\(\[{{""'`•*=>–-]\s*|\b(?:or|and|either)\s+){Regex.Escape(text)}(?=\s*(?:[,;:|/\\)\]}}""'`.?!*=–-]|$|\b(?:or|and)\b))",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromSeconds(1));
        return run.Instructions.Concat(run.Models.Where(earlier => earlier.Number <= model.Number).SelectMany(static earlier => earlier.Input).Where(static message => message.Role is not "assistant").SelectMany(static message => message.Texts))
            .Any(given => given.Text.Contains(text, StringComparison.OrdinalIgnoreCase) && choice.IsMatch(given.Text));
    }

    [GeneratedRegex(@"\A(?:yes|no|true|false|[A-Z]|\d)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex YesOrNo();
}
