using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An answer that states facts which nothing had told the model, without a single call, though a tool that looks such things up was offered and
/// the instructions ask for it, or the question is about a record that only a tool can know.
/// </summary>
internal sealed partial class MissingObservationDetector : IDetector
{
    private const double Strength = 2.2;
    private const double Hint = 0.4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer, Request: { } request } || run.Tools.Count > 0 || AnswerSigns.Of(answer.Text) == AnswerSign.Failure
            || model.Input.Concat(run.Models.SelectMany(other => other.Input)).Any(message => message.Answers.Count > 0 || message.Calls.Count > 0))
        {
            return [];
        }

        var lookups = model.Offered.Values.Where(tool => ToolWords.LooksUp(tool.Name)).ToList();
        var tool = lookups.Find(tool => IsAbout(tool, request.Text));
        var known = KnownText.Before(run, model);
        var stated = Quantity.In(answer.Text).Select(quantity => quantity.Text).Concat(Identifiers.In(answer.Text)).Concat(Day().Matches(answer.Text).Select(match => match.Value)).FirstOrDefault(text => !known.Holds(text));
        if (tool is null || stated is null || !known.IsWhole || Example().IsMatch(answer.Text))
        {
            return [];
        }

        var rule = run.Instructions.Select(text => (Text: text, Match: Demand().Match(text.Text))).FirstOrDefault(pair => pair.Match.Success);
        var isProven = rule.Text is not null || Identifiers.In(request.Text).Overlaps(Identifiers.In(answer.Text));
        List<Fact> facts =
        [
            answer.Say("What the answer states.", stated),
            tool.Place.Say($"{Words.Name(tool.Name)} was offered."),
        ];
        if (rule.Text is not null)
        {
            facts.Add(rule.Text.Say("The instruction.", rule.Match.Value));
        }

        return
        [
            StepFindings.At(
                model, "missing_observation", "answer_without_observation", isProven ? Proof.Provenance : Proof.Hint, isProven ? Strength : Hint,
                $"{StepFindings.Say(model)} answered {StepFindings.Quote(answer.Text, 120)} without a single tool call: {Words.Name(tool.Name)} was offered and never called, and {StepFindings.Quote(stated, 40)} does not occur in anything that the run had seen"
                    + (rule.Text is null ? "." : $"; its instructions ask for it ({StepFindings.Quote(rule.Match.Value, 120)})."),
                facts, $"Require a call of {Words.Name(tool.Name)} before such an answer, for example by the tool choice of the first request.", "missing_observation", explains: run.Runs),
        ];
    }

    // The question speaks of what the tool's name, its description or its arguments speak of.
    private static bool IsAbout(OfferedTool tool, string request)
    {
        var words = ToolWords.Subjects(tool.Name).Concat(tool.Description is { } description ? Word().Matches(description).Select(match => match.Value.ToLowerInvariant()) : []);
        if (tool.Schema.ValueKind == System.Text.Json.JsonValueKind.Object && tool.Schema.TryGetProperty("properties", out var properties) && properties.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            words = words.Concat(properties.EnumerateObject().SelectMany(property => ToolWords.Of(property.Name)));
        }

        return words.Where(word => word.Length > 2 && word is not ("the" or "and" or "for" or "get" or "query" or "with" or "from" or "you" or "text" or "what" or "can")).Distinct()
            .Any(word => Regex.IsMatch(request, $@"\b{Regex.Escape(word.TrimEnd('s'))}s?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
    }

    [GeneratedRegex(@"[^.\n]{0,80}\b(?:always|must|only|never|do not|don['’]t|before you answer|before answering|every)\b[^.\n]{0,80}\b(?:look(?:s|ed|ing)? up|look it up|check|call|use|query|search|tool|tools|guess|make up|invent|from memory|database|retrieve|verify)\b[^.\n]{0,80}|\bnever (?:guess|answer from memory)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Demand();

    [GeneratedRegex(@"\b(?:for example|e\.g\.|such as|for instance|example)\b|\?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Example();

    [GeneratedRegex(@"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2})\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Day();

    [GeneratedRegex(@"[A-Za-z]{4,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
