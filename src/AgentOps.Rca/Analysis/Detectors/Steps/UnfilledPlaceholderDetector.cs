using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A prompt that a model was given with places of its template that nothing had filled: <c>{{account.maxDiscount}}</c> instead of the value.</summary>
internal sealed partial class UnfilledPlaceholderDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostText = 20_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var model in run.Models)
        {
            foreach (var text in model.Input.Where(static message => message.Role is "system" or "developer" or "user").SelectMany(static message => message.Texts).Concat(model == run.Models[0] ? run.Instructions : []))
            {
                if (text.Text.Length <= MostText && Place().Matches(text.Text) is { Count: > 0 } places && !OfTemplates().IsMatch(text.Text) && !KeepsThem(run))
                {
                    return [Describe(run, model, text, [.. places.Select(static place => place.Value).Distinct()])];
                }
            }
        }

        return [];
    }

    // Who works on templates has them everywhere, and an answer that keeps them may be what was wanted.
    private static bool KeepsThem(AgentRun run) =>
        run.Models.SelectMany(static model => model.Said).Any(static said => Place().IsMatch(said.Text)) || run.Tools.Any(static tool => tool.Arguments is { } given && Place().IsMatch(given.Text));

    private static Finding Describe(AgentRun run, ModelStep model, Passage text, List<string> places)
    {
        // Where a step of the run itself made the text, it is the one that left them.
        var maker = run.Tools.LastOrDefault(tool => tool.Number < model.Number && tool.Result is { } result && result.Text.Contains(places[0], StringComparison.Ordinal));
        var by = maker is null ? "" : $" by {StepFindings.Say(maker)}";
        return StepFindings.At(
            (AgentStep?)maker ?? model, "unfilled_placeholder", "prompt_incomplete", Proof.Certain, Strength,
            $"{StepFindings.Say(model)} was given a prompt{by} in which {Words.Count(places.Count, "place")} of its template {(places.Count == 1 ? "is" : "are")} not filled{Words.At(model.Node.StartNs)}: {string.Join(", ", places.Take(3).Select(static place => StepFindings.Quote(place, 60)))}. What should stand there the model could not know.",
            [text.Say("The prompt as the model got it.", places[0])],
            "Have the rendering of prompts fail when a variable is missing, instead of passing the template on.", "unfilled_placeholder", explains: maker is null ? [] : [model]);
    }

    [GeneratedRegex(@"(?<![$\{\\`])\{\{\s?[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*\s?\}\}(?!\})", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"\b(?:templates?|placeholders?|variables?|jinja|handlebars|mustache|helm|liquid|merge fields?|render\w*|Vorlagen?|Platzhalter|modèles?|plantillas?|marcador\w*|interpolat\w*)\b|```", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OfTemplates();
}
