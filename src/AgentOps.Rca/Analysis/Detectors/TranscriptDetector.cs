using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Conversations of agents of which only the words are recorded: whose steps show the most signs of a mistake that others built on. A
/// step counts one, and more when it writes a program, when what comes next fails, when it takes something for granted, or when it could
/// not have something. Programs that only answer are not to blame, and one who tells others what to do is judged by what they did. These
/// are hints: their strength stays below what carries a verdict.
/// </summary>
internal sealed class TranscriptDetector : IDetector
{
    private const int FewestSteps = 3;
    private const int MostAgents = 64;
    private const int MostFacts = 3;
    private const int ShortText = 80;
    private const double OfShortText = 0.3;
    private const double OfCoordinator = 0.1;
    private const double WritesProgram = 1;
    private const double OtherSign = 0.5;

    // (1 - e^(-0.7 / 1.2)) = 0.44 at most: below the floor of the verdict, whatever the words say.
    private const double MostStrength = 0.7;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var told = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        if (told.Count < FewestSteps || told.Select(step => step.Agent).Distinct().Count() is < 2 or > MostAgents)
        {
            return [];
        }

        var agents = told.GroupBy(step => step.Agent, StringComparer.Ordinal).ToDictionary(agent => agent.Key, agent => agent.ToList(), StringComparer.Ordinal);
        var names = agents.Keys.ToDictionary(agent => agent, NameOf, StringComparer.Ordinal);
        var weights = agents.ToDictionary(agent => agent.Key, agent => WeightOf(agent.Key, agent.Value, names), StringComparer.Ordinal);
        for (var i = 0; i < told.Count; i++)
        {
            told[i].Judge(i + 1 < told.Count ? told[i + 1] : null, weights[told[i].Agent]);
        }

        var all = told.Sum(step => step.Suspicion);
        return all <= 0 ? [] : [.. agents.Values.Where(own => own.Exists(step => step.Suspicion > 0)).Select(own => Describe(own, all, told.Count))];
    }

    // Runs of which each step is a span with its words, or model calls that called no tool.
    private static async ValueTask<List<Step>> ReadAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Step> told = [];
        foreach (var node in context.Spans.Nodes.Where(node => node is { Failure: null, ArgsDigest: null, ResultDigest: not null, Children.Count: 0 }
            && node.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal)))
        {
            if (await context.ReadTextAsync(node.ResultDigest, cancellationToken).ConfigureAwait(false) is { } text)
            {
                told.Add(new Step(node, text, node.Tool, new Place(node.SpanId, node.ResultDigest, null)));
            }
        }

        if (told.Count > 0 || await context.ReadRunAsync(cancellationToken).ConfigureAwait(false) is not { Tools.Count: 0 } run)
        {
            return told;
        }

        return
        [
            .. run.Models.Where(model => model is { Agent: not null, Node.Failure: null })
                .Select(model => (Model: model, Said: model.Said.LastOrDefault())).Where(pair => pair.Said is not null)
                .Select(pair => new Step(pair.Model.Node, pair.Said!.Text, ToolNames.AgentRunPrefix + pair.Model.Agent, pair.Said.Place)),
        ];
    }

    private static string NameOf(string agent) => agent[ToolNames.AgentRunPrefix.Length..];

    private static double WeightOf(string tool, List<Step> own, Dictionary<string, string> names)
    {
        if (own.Count(step => TranscriptSigns.IsOutput(step.Text)) * 2 >= own.Count)
        {
            return 0;
        }

        var directs = own.Count >= FewestSteps && own.Count(step =>
            names.Any(other => other.Key != tool && other.Value.Length > 2 && step.Text.Contains(other.Value, StringComparison.Ordinal))) * 2 >= own.Count;
        return directs ? OfCoordinator : 1;
    }

    private static Finding Describe(List<Step> own, double all, int count)
    {
        var share = own.Sum(step => step.Suspicion) / all;
        var worst = own.MaxBy(step => step.Suspicion)!;
        var name = worst.Agent;
        return new Finding
        {
            Kind = "transcript",
            Category = worst.Category,
            Place = name,
            Tool = worst.Node.Tool,
            Proof = Proof.Hint,
            ErrorClass = "transcript",
            Strength = MostStrength * share,
            AtNs = worst.Node.StartNs,
            Cause = Words.Invariant($"{name} spoke in {own.Count} of {count} steps, and its step {Words.Short(worst.Node.SpanId, 80)} shows the most signs of a mistake: {worst.Why}."),
            Recommendation = $"Check what {name} said against its sources before other steps build on it.",
            Facts =
            [
                .. own.OrderByDescending(step => step.Suspicion).ThenBy(step => step.Node.Index).Take(MostFacts).Select(step => step.Quote.Length > 0
                    ? step.Place.Say($"In this step, {step.Why}.", step.Quote)
                    : new Fact(step.Node.SpanId, "This step says nothing.", "/result_digest")),
            ],
        };
    }

    private sealed class Step(SpanNode node, string text, string agent, Place place)
    {
        private const int Around = 60;

        public SpanNode Node => node;

        public string Text => text;

        public string Agent => agent;

        public Place Place => place;

        public double Suspicion { get; private set; }

        public string Category { get; private set; } = "unverified_step";

        public string Why { get; private set; } = "it says something that later steps rest on";

        /// <summary>The telling words, letter for letter.</summary>
        public string Quote { get; private set; } = FirstLine(text);

        public void Judge(Step? next, double weight)
        {
            var (assumption, obstacle, program) = (TranscriptSigns.Assumption(text), TranscriptSigns.Obstacle(text), TranscriptSigns.Program(text));
            var failed = next is not null && TranscriptSigns.Failure(next.Text) is not null;
            Suspicion = weight * (text.Length < ShortText ? OfShortText : 1)
                * (1 + (program is null ? 0 : WritesProgram) + (failed ? OtherSign : 0) + (assumption is null ? 0 : OtherSign) + (obstacle is null ? 0 : OtherSign));
            (Category, Why, var at) = (assumption, failed, obstacle, program) switch
            {
                ({ } words, _, _, _) => ("unverified_assumption", "something is taken for granted or made up", words),
                (_, true, _, { } words) => ("failing_program", "a program is written that fails when it is run", words),
                (_, _, { } words, _) => ("missing_information", "something could not be had or done", words),
                (_, _, _, { } words) => ("unverified_program", "a program is written whose result later steps rest on", words),
                _ => (Category, Why, null),
            };
            Quote = at is null ? Quote : Cut(text, at.Index, at.Length);
        }

        private static string FirstLine(string text)
        {
            var at = text.AsSpan().IndexOfAnyExcept(" \t\r\n");
            return at < 0 ? "" : Cut(text, at, 1);
        }

        // Within one line, so that the words read well, and never through the middle of a character.
        private static string Cut(string text, int at, int length)
        {
            var from = Math.Max(text.LastIndexOf('\n', Math.Max(0, at - 1)) + 1, at - Around);
            var end = text.IndexOf('\n', Math.Min(text.Length, at + length));
            var to = Math.Min(end < 0 ? text.Length : end, at + length + Around);
            from = from < text.Length && char.IsLowSurrogate(text[from]) ? from + 1 : from;
            to = to < text.Length && char.IsLowSurrogate(text[to]) ? to - 1 : to;
            return from > at || to < from ? "" : text[from..to].Trim();
        }
    }
}
