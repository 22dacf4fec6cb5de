using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An instruction inside a tool's result that a later call obeyed: the text speaks to the model, and a tool that it names, or a value that only
/// it gave, was then used although the request had not asked for it.
/// </summary>
internal sealed partial class InjectionDetector : IDetector
{
    private const double Strength = 2.8;
    private const int MostText = 200_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        var isDelegated = !MethodVersion.IsBefore(5) && run.SaidByUsers().Any(static text => Delegates().IsMatch(text.Text));
        foreach (var source in run.Tools.Where(tool => tool.Result is { Text.Length: > 20 and < MostText }))
        {
            if (Instruction().Match(source.Result!.Text) is not { Success: true } match)
            {
                continue;
            }

            var around = Around(source.Result.Text, match.Index);
            if (isDelegated && !Harmful().IsMatch(around))
            {
                continue;
            }

            var obeyed = run.Tools.Where(later => later.Number > source.Number && IsObeyed(run, later, around)).ToList();
            if (obeyed.Count > 0)
            {
                findings.Add(Describe(run, source, around, obeyed));
            }
        }

        return findings;
    }

    // No guide needs that its reader forgets others, tells nobody, gives a secret away or runs what is fetched.
    [GeneratedRegex(@"\b(?:ignore|disregard|forget|override|secret\w*|password\w*|tokens?|api[_ -]?keys?|credentials?|\.env)\b|\b(?:do not|don['’]?t|never)\b.{0,30}\b(?:mention|tell|reveal|inform|show)\b|\|\s*(?:sh|bash)\b|\b(?:curl|wget)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Harmful();

    // The user asked for what a page or a file says to be done; what is done then is no obedience to a stranger.
    [GeneratedRegex(@"\b(?:do|follow|execute|carry out|run|perform|work through|go through)\b[^.!?\n]{0,40}\b(?:what(?:ever)? (?:it|the (?:page|file|document|guide|readme|note|ticket|issue))|(?:the |its |their |all )?(?:steps|instructions|commands|runbook|playbook|checklist|guide))\b[^.!?\n]{0,40}(?:\b(?:says?|in|from|of|on|there|it)\b|[.!?]|\z)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Delegates();

    // What the request or an instruction had asked for anyway is no obedience.
    private static bool IsObeyed(AgentRun run, ToolStep later, string instruction)
    {
        var named = instruction.Contains(later.Tool, StringComparison.OrdinalIgnoreCase);
        var given = later.Arguments is { } arguments && Telling().Matches(instruction).Select(match => match.Value.TrimEnd('.', ',', ')'))
            .Any(value => arguments.Text.Contains(value, StringComparison.OrdinalIgnoreCase) && !Asked(run).Any(text => text.Contains(value, StringComparison.OrdinalIgnoreCase)));
        var isAsked = Asked(run).Any(text => ToolWords.Of(later.Tool).All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)));
        return (named && !isAsked) || given;
    }

    private static IEnumerable<string> Asked(AgentRun run) => run.Instructions.Select(text => text.Text)
        .Concat(run.Models.SelectMany(model => model.Input).Where(message => message.Role is "user" or "system").SelectMany(message => message.Texts).Select(text => text.Text));

    private static string Around(string text, int at)
    {
        const int before = 200;
        const int after = 600;
        return text[Math.Max(0, at - before)..Math.Min(text.Length, at + after)];
    }

    private static Finding Describe(AgentRun run, ToolStep source, string instruction, List<ToolStep> obeyed)
    {
        var match = Instruction().Match(source.Result!.Text);
        var end = Math.Min(source.Result.Text.Length, match.Index + 160);
        var words = source.Result.Text[match.Index..(char.IsHighSurrogate(source.Result.Text[end - 1]) ? end - 1 : end)];
        var calls = string.Join(" and ", obeyed.Select(step => Words.Name(step.Tool)).Distinct().Take(3));
        return StepFindings.At(
            source, "prompt_injection", "prompt_injection", Proof.Causal, Strength,
            $"The result of {StepFindings.Say(source)}{Words.At(source.Node.EndNs)} holds an instruction to the model ({StepFindings.Quote(words)}), and {StepFindings.Say(obeyed[0].Asker ?? (AgentStep)obeyed[0])} obeyed it: it called {calls}, which the request had not asked for.",
            [
                source.Result.Say($"{StepFindings.Say(source)} returned an instruction.", "", words),
                .. obeyed.Take(3).Select(step => step.Arguments?.Say($"{StepFindings.Say(step)} was called{Words.At(step.Node.StartNs)}.") ?? new Fact(step.Node.SpanId, $"{StepFindings.Say(step)} was called{Words.At(step.Node.StartNs)}.", "/start_ts")),
            ],
            $"Treat what {StepFindings.Say(source)} returns as untrusted data: mark it as such for the model, and let a person or a rule decide about {calls}.", "prompt_injection",
            explains: obeyed.SelectMany(step => new[] { step, (AgentStep?)step.Asker }).OfType<AgentStep>());
    }

    [GeneratedRegex(@"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|earlier|above|prior|all|other|your|any)\b.{0,30}\b(?:instruction|rule|prompt|guideline|direction|message)s?\b|\b(?:note|message|instruction|attention|notice|reminder)s?\b.{0,12}\b(?:to|for)\b.{0,12}\b(?:the |all |any )?(?:ai|assistant|agent|model|llm|bot|chatbot)s?\b|\b(?:system|admin(?:istrator)?|developer)\s*(?:note|message|prompt|override|instruction|notice)\b|\byou (?:must|should|are required to|need to)\b.{0,60}\b(?:use|call|invoke|run|execute)\b.{0,30}\b(?:tool|function)\b|\b(?:do not|don't|never)\b.{0,30}\b(?:mention|tell|reveal|inform|show)\b.{0,30}\b(?:this|user|anyone|customer)\b|\bas an? (?:ai|assistant|language model)\b.{0,40}\b(?:must|should|need)\b|<\s*(?:system|instructions?)\s*>|\[(?:system|inst)\]|\b(?:ai|llm|language[- ]model)[- ](?:assistant|agent|model|system|bot)s?\b.{0,60}[:,]|\b(?:assistant|agent|bot)s?\s+(?:reading|processing|summari[sz]ing|handling|parsing)\b|\bif you are an? (?:ai|llm|assistant|language model|agent|bot)\b|(?:^|\n|<!--|[\[*#>-])\s*(?:system|assistant|admin|developer|instructions?|important instructions?)\s*:|\bnew (?:policy|instruction|task|directive|rule)s?\s*[:.]|\bthe (?:ai |llm )?(?:assistant|agent|model|bot|chatbot) (?:must|should|has to|needs to|shall|is (?:required|instructed|asked) to)\b|\bbefore you (?:answer|reply|respond|continue|summari[sz]e)\b|\bwhen (?:you )?(?:summari[sz]|process|read|handl)(?:e|ing)\b.{0,30}\bthis\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 2000)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"[\w.+-]+@[\w-]+\.[\w.-]+|https?://[^\s""'<>]+|\b[A-Z]{2,}[-_]?\d{2,}\b|\b[A-Z]{2}\d{2}[A-Z0-9]{10,30}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Telling();
}
