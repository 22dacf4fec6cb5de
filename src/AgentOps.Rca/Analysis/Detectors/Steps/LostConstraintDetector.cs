using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A task that one agent gave to another with the figures that the user had said and without what somebody cannot eat, take or do without: nobody else in the run was told of it.
/// </summary>
internal sealed partial class LostConstraintDetector : IDetector
{
    private const double Strength = 2.3;
    private const int FewestFigures = 2;
    private const int FewestLetters = 20;
    private const int MostText = 4_000;

    // What is the same in several languages is one need.
    private static readonly string[][] Needs =
    [
        ["nut", "nuts", "peanut", "nuss", "nusse", "erdnuss", "erdnusse", "noix", "arachide", "cacahuete", "cacahuetes", "nueces", "noci", "arachidi", "noten", "pinda"], ["gluten", "celiac", "coeliac", "zoliakie", "celiaco", "celiaca"],
        ["lactose", "laktose", "lattosio", "lactosa", "dairy", "milk", "milch", "lait", "leche"], ["egg", "eggs", "eier", "oeufs", "huevos", "huevo", "uova"], ["soy", "soya", "soja", "soia"], ["shellfish", "seafood", "meeresfruchte", "mariscos"],
        ["pork", "schwein", "schweinefleisch", "porc", "cerdo", "maiale"], ["alcohol", "alkohol", "alcool", "alkoholfrei"], ["sesame", "sesam", "sesamo"], ["vegan", "vegane", "veganes", "vegano", "vegana", "vegans"], ["vegetarian", "vegetarisch", "vegetarisches", "vegetarien", "vegetariano", "vegetariana"],
        ["halal"], ["kosher", "koscher", "casher"], ["penicillin", "penizillin", "penicilina", "penicilline"], ["latex"], ["wheelchair", "rollstuhl", "rollstuhlgerecht", "fauteuil", "ruedas", "rotelle", "rolstoel", "barrierefrei", "accessible", "accesible", "accessibile"],
    ];

    private static readonly string[] Tasks = ["task", "brief", "request", "instructions", "instruction", "prompt", "query", "message", "description", "details", "input", "order", "text", "content"];
    private static readonly string[] Giving = ["delegate", "agent", "subagent", "handoff", "assistant", "worker", "specialist", "task"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object } && (tool.IsHandoff || ToolWords.Of(tool.Tool).Any(static word => Array.IndexOf(Giving, word) >= 0))))
        {
            if (TaskOf(call) is not { } task)
            {
                continue;
            }

            foreach (var user in Changes.SaidBefore(run, call).Where(text => text.Text.Length <= MostText && text.Text != task.Value.GetString()))
            {
                if (Lost(run, call, user.Text, task.Value.GetString()!) is { } lost)
                {
                    return [Describe(run, call, task, user, lost)];
                }
            }
        }

        return [];
    }

    private static ResultValue? TaskOf(ToolStep call) => Changes.GivenTo(call).FirstOrDefault(static value => value.Value.ValueKind == JsonValueKind.String && value.Value.GetString()!.Length >= FewestLetters && ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Tasks, word) >= 0));

    // The sentence with the need, where the task is a summary of what the user said.
    private static (string Sentence, string Word)? Lost(AgentRun run, ToolStep call, string said, string task)
    {
        if (Figures().Matches(said).Select(static match => match.Value).Distinct().Count(figure => task.Contains(figure, StringComparison.Ordinal)) < FewestFigures || General().IsMatch(call.Arguments!.Text))
        {
            return null;
        }

        foreach (var sentence in Sentences.In(said).Where(static sentence => Strict().IsMatch(sentence)))
        {
            foreach (var word in PlainWords.Split(PlainWords.Of(sentence)))
            {
                if (Array.Find(Needs, need => need.Contains(word)) is { } group && !run.Tools.Any(tool => tool.Arguments is { } arguments && Names(arguments.Text, group)) && (run.Answer is not { } answer || !Names(answer.Text, group)))
                {
                    return (sentence, word);
                }
            }
        }

        return null;
    }

    private static bool Names(string text, string[] group) => PlainWords.Split(PlainWords.Of(text)).Any(group.Contains);

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue task, Passage user, (string Sentence, string Word) lost) => StepFindings.At(
        call.Asker!, "lost_constraint", "ignored_request", Proof.Provenance, Strength,
        $"{StepFindings.Say(call.Asker!)} gave {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} the task {StepFindings.Quote(task.Value.GetString()!, 120)}, which has the figures of the user and no word of {StepFindings.Quote(lost.Word, 40)}, although the user had said {StepFindings.Quote(lost.Sentence)}; no other call was told of it.",
        [call.Arguments!.Say($"What {StepFindings.Say(call)} was given.", task.Pointer, task.Value.GetString()), user.Say("What the user had said.", StepFindings.Head(lost.Sentence))],
        $"Hand the user's own words to {StepFindings.Say(call)} beside the task.", "lost_constraint", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);

    [GeneratedRegex(@"(?<![\w])\d[\d.,:-]*\d|(?<!\w)\d(?!\w)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figures();

    [GeneratedRegex(@"allerg|intoleran|unverträg|dietary|restriction|requirement|special|Ernährung|régime|dieta|\bdiet\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex General();

    [GeneratedRegex(@"allerg|intoleran|unverträg|\b(?:free of|free|without|no|must|has to|have to|needs?|only|vegan\w*|vegetari\w*|halal|kosher|koscher|ohne|kein\w*|muss|müssen|braucht|nur|sans|pas de|doit|sin|tiene que|debe|necesita|senza|deve|sem|tem que|zonder|geen|moet|wheelchair|Rollstuhl\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Strict();
}
