using System.Text.Json;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>What a prompt may show, or shows.</summary>
/// <param name="Evidence">What the detectors found.</param>
/// <param name="Steps">The steps of the run.</param>
/// <param name="IsCut">Whether texts of these steps are cut or left out.</param>
internal sealed record PromptContent(IReadOnlyList<PromptEvidence> Evidence, IReadOnlyList<PromptStep> Steps, bool IsCut = false)
{
    public bool IsEmpty => Evidence.Count == 0 && Steps.Count == 0;

    public int Count => Evidence.Count + Steps.Count;
}

/// <summary>
/// Chooses what is worth its tokens: first a line for each step, then what the detectors found, then the texts of the steps that are
/// suspected most and of their neighbours; or, when steps were asked for, their whole texts first.
/// </summary>
internal static class PromptPacker
{
    private const double MostForLines = 0.45;
    private const double MostForEvidence = 0.6;
    private const double Suspected = 1.1;
    private const int LongText = 900;
    private const int ShortText = 260;
    private const int WholeText = 12_000;
    private const int LeastText = 80;

    public static string Pack(PromptContent content, int budget, IReadOnlyCollection<string>? wanted, out PromptContent shown)
    {
        var rest = budget;
        var steps = Take(content.Steps, step => TokenEstimate.Of(step.Skeleton), step => IsWanted(step, wanted) ? double.MaxValue : step.Value, (int)(budget * MostForLines), ref rest);
        var evidence = Take(content.Evidence, item => TokenEstimate.Of(Line(item)), item => item.Value, steps.Count == 0 ? rest : (int)(rest * MostForEvidence), ref rest);
        var texts = new Dictionary<(string Id, int At), string>();
        var isCut = steps.Count < content.Steps.Count;
        foreach (var step in steps.OrderByDescending(step => IsWanted(step, wanted)).ThenByDescending(step => step.Value))
        {
            for (var i = 0; i < step.Texts.Count; i++)
            {
                var most = IsWanted(step, wanted) ? WholeText : wanted is not null ? ShortText : step.Value >= Suspected ? LongText : ShortText;
                isCut |= !Add(step, i, most, texts, ref rest);
            }
        }

        // What is left makes the first texts longer.
        foreach (var step in steps.OrderByDescending(step => step.Value))
        {
            for (var i = 0; i < step.Texts.Count && rest > LeastText; i++)
            {
                if (texts.Remove((step.Id, i), out var before))
                {
                    rest += TokenEstimate.Of(before);
                    Add(step, i, WholeText, texts, ref rest);
                }
            }
        }

        isCut = isCut && steps.Any(step => step.Texts.Where((text, at) => !texts.TryGetValue((step.Id, at), out var line) || line != text.Line(step.Id, int.MaxValue)).Any()) || steps.Count < content.Steps.Count;
        shown = new PromptContent(evidence, steps, isCut);
        return string.Join('\n', steps.SelectMany(step => step.Texts.Select((_, at) => texts.GetValueOrDefault((step.Id, at))).OfType<string>().Prepend(step.Skeleton))
            .Concat(evidence.Select(Line)));
    }

    /// <summary>The evidence as one line of JSON, so that nothing in it can end its own frame.</summary>
    public static string Line(PromptEvidence item) => JsonSerializer.Serialize(
        new EvidenceLine(item.Id, item.Evidence.Kind, item.Node is { } node ? UntrustedText.Clean(node.Tool) : null, item.Text, item.Words.Length > 0 ? item.Words : null),
        ModelJson.Readable.EvidenceLine);

    private static bool IsWanted(PromptStep step, IReadOnlyCollection<string>? wanted) => wanted?.Contains(step.Id) == true;

    // A text that another one of its step repeats is shown once.
    private static bool Add(PromptStep step, int at, int most, Dictionary<(string, int), string> texts, ref int rest)
    {
        var text = step.Texts[at];
        if (step.Texts.Take(at).Any(other => other.Shown.Contains(text.Shown, StringComparison.Ordinal)))
        {
            return true;
        }

        for (var length = Math.Min(most, text.Shown.Length); length >= Math.Min(LeastText, text.Shown.Length); length = length * 2 / 3)
        {
            var line = text.Line(step.Id, length);
            var tokens = TokenEstimate.Of(line) + 1;
            if (tokens <= rest)
            {
                rest -= tokens;
                texts[(step.Id, at)] = line;
                return length == text.Shown.Length;
            }

            if (length == 0)
            {
                break;
            }
        }

        return false;
    }

    private static List<T> Take<T>(IReadOnlyList<T> items, Func<T, int> tokensOf, Func<T, double> valueOf, int most, ref int rest)
        where T : class
    {
        var taken = new HashSet<T>(ReferenceEqualityComparer.Instance);
        foreach (var (item, tokens) in items.Select(item => (Item: item, Tokens: tokensOf(item) + 1)).OrderByDescending(pair => valueOf(pair.Item) / pair.Tokens))
        {
            if (tokens <= most)
            {
                most -= tokens;
                rest -= tokens;
                taken.Add(item);
            }
        }

        return [.. items.Where(taken.Contains)];
    }
}

/// <summary>The form in which a model is shown a piece of evidence.</summary>
internal sealed record EvidenceLine(string Id, string Kind, string? Tool, string Text, string? Words);
