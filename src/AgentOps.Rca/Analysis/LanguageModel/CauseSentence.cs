using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Writes a cause from checked slots alone: the step, its time, and words that stand in the records. What the model made of it is named as
/// the model's.
/// </summary>
internal static class CauseSentence
{
    private const int MostQuote = 220;
    private const int MostOwn = 2;
    private const int MostOthers = 2;

    /// <param name="culprit">The culprit step's span.</param>
    /// <param name="cited">The citations that hold.</param>
    /// <param name="mechanism">The mechanism, or the model's word for it.</param>
    /// <param name="isCarried">Whether what is cited speaks of that mechanism.</param>
    /// <param name="isOfTime">Whether how long the step took is a part of it.</param>
    public static string Write(SpanNode culprit, IReadOnlyList<CheckedCitation> cited, string mechanism, bool isCarried, bool isOfTime)
    {
        var own = cited.Where(citation => citation.Node == culprit && citation.Quote is not null).DistinctBy(citation => citation.Quote).Take(MostOwn).ToList();
        var others = cited.Where(citation => citation.Node is not null && citation.Node != culprit && citation.Quote is not null)
            .DistinctBy(citation => (citation.Node, citation.Quote)).Take(MostOthers);
        var says = string.Join(" and ", own.Select(Says));
        var ran = culprit.Failure is not null && !own.Exists(citation => citation.Text?.Of == "error" || citation.Text is null)
            ? $" failed{Words.At(culprit.StartNs)}" : Words.At(culprit.StartNs);
        var took = isOfTime ? $" took {Words.Duration(culprit.DurationNs)}{(says.Length > 0 ? " and" : "")}" : says.Length > 0 && ran.StartsWith(" failed", StringComparison.Ordinal) ? " and" : "";
        var sentence = $"{Words.Name(culprit.Tool)}{ran}{took} {says}".TrimEnd();
        foreach (var other in others)
        {
            sentence += $"; {Words.Name(other.Node!.Tool)}{Words.At(other.Node.StartNs)} {Says(other)}";
        }

        var word = mechanism.Replace('_', ' ');
        return isCarried ? $"{sentence} ({word})." : $"{sentence}. The language model classes it as {word}.";
    }

    private static string Says(CheckedCitation citation)
    {
        var quote = $"“{Words.Short(citation.Quote!, MostQuote)}”";
        return citation.Text?.Of switch
        {
            "arguments" => $"was given {quote}",
            "result" => $"returned {quote}",
            "said" => $"said {quote}",
            "asked" => $"asked for {quote}",
            "finish" => $"stopped with {quote}",
            "error" => $"failed with {quote}",
            "instructions" => $"had the instructions {quote}",
            "request" => $"was asked {quote}",
            "given" => $"was given {quote}",
            _ when citation.Node?.Failure is { } failure && failure.Message?.Contains(citation.Quote!, StringComparison.Ordinal) == true => $"failed with {quote}",
            _ => $"recorded {quote}",
        };
    }
}
