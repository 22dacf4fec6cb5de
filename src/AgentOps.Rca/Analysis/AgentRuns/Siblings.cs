using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Calls that were made side by side so that the first answer counts: several sources asked the same, one call hedged by another, branches that are
/// cancelled when one has answered. Which of them began first is a matter of milliseconds and says nothing.
/// </summary>
internal static partial class Siblings
{
    /// <summary>The call beside a failed one that answered in its place, or null.</summary>
    public static ToolStep? InsteadOf(AgentRun run, ToolStep failed)
    {
        // Changes that are made side by side are all wanted.
        if (Evidence.MethodVersion.IsBefore(5) || !failed.IsRecorded || ToolWords.Writes(failed.Tool))
        {
            return null;
        }

        var words = ToolWords.Of(failed.Tool).Where(static word => word.Length > 3 && !ToolWords.IsCommonVerb(word)).ToHashSet(StringComparer.Ordinal);
        return run.Tools.FirstOrDefault(other => other is { IsRecorded: true, Failure: null, Result.IsEmpty: false } && !ToolWords.Writes(other.Tool) && AreBeside(failed, other)
            && (IsSuperseded(failed.Failure!) || (failed.Arguments is { IsEmpty: false } asked && other.Arguments?.Key == asked.Key
                && (other.Tool == failed.Tool || IsCancelled(failed.Failure!) || words.Overlaps(ToolWords.Of(other.Tool))))));
    }

    /// <summary>Whether two calls of one caller ran at the same time.</summary>
    public static bool AreBeside(ToolStep left, ToolStep right) => left != right && left.IsRecorded && right.IsRecorded && left.Node.Parent == right.Node.Parent
        && (left.Node.Parent is not null || (left.Asker is not null && left.Asker == right.Asker))
        && left.Node.StartNs < right.Node.EndNs && right.Node.StartNs < left.Node.EndNs;

    private static bool IsCancelled(StepFailure failure) => CancelledType().IsMatch(failure.Type ?? "") || CancelledWords().IsMatch(failure.Words);

    // The words themselves say that it was another one that answered.
    private static bool IsSuperseded(StepFailure failure) => IsCancelled(failure) && OtherWords().IsMatch(failure.Words);

    [GeneratedRegex(@"(?:^|\.)(?:(?:Operation|Task)?Cancell?ed(?:Error|Exception)?|AbortError|Cancell?ation(?:Error|Exception)?)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CancelledType();

    [GeneratedRegex(@"\A\W*(?:(?:the |this )?(?:task|call|request|operation|branch|tool)? ?(?:was |has been )?(?:cancell?ed|aborted))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CancelledWords();

    [GeneratedRegex(@"\b(?:(?:an)?other|first|faster|winning|sibling) (?:\w+ ){0,2}(?:answered|responded|returned|finished|completed|succeeded|won|result|response|answer)\b|\bno longer needed\b|\bsuperseded\b|\bnot needed any ?more\b|\blost the race\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OtherWords();
}
