using System.Runtime.InteropServices;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// The case as what agents did: steps in the order in which they began. A view of the span forest and its artifacts; everything that reads
/// what models saw and said, and what tools gave back, reads it here.
/// </summary>
internal sealed class AgentRun
{
    private const int MostAnswers = 12;

    // In bytes of results: each of them is looked through again for each answer after it.
    private const long MostLookedThrough = 4_000_000;

    private readonly Dictionary<SpanNode, AgentStep> _byNode = [];

    private readonly AgentStep?[] _owners;

    /// <param name="spans">The case.</param>
    /// <param name="steps">The steps in it.</param>
    /// <param name="isCut">Whether there are more.</param>
    /// <param name="owners">The step that each span is part of.</param>
    public AgentRun(SpanForest spans, IReadOnlyList<AgentStep> steps, bool isCut, AgentStep?[] owners)
    {
        Spans = spans;
        _owners = owners;
        Steps = steps;
        IsCut = isCut;
        Models = [.. steps.OfType<ModelStep>()];
        Tools = [.. steps.OfType<ToolStep>()];
        Runs = [.. steps.OfType<RunStep>()];
        foreach (var step in steps)
        {
            _byNode.TryAdd(step.Node, step);
        }
    }

    /// <summary>The spans of the case.</summary>
    public SpanForest Spans { get; }

    /// <summary>The steps, in the order in which they began.</summary>
    public IReadOnlyList<AgentStep> Steps { get; }

    public IReadOnlyList<ModelStep> Models { get; }

    public IReadOnlyList<ToolStep> Tools { get; }

    public IReadOnlyList<RunStep> Runs { get; }

    /// <summary>Whether there are more steps than were read.</summary>
    public bool IsCut { get; }

    /// <summary>Whether there is no step in the case: it is a trace of services.</summary>
    public bool IsEmpty => Steps.Count == 0;

    /// <summary>What the user asked for: the first words of a user that a model or an agent was given, or null.</summary>
    public Passage? Request { get; init; }

    /// <summary>What the run said in the end: the last words of a model, or of the outermost agent, that no tool call followed; or null.</summary>
    public Passage? Answer { get; init; }

    /// <summary>The step of the last words.</summary>
    public ModelStep? Answering { get; init; }

    /// <summary>What users said in words, in the order in which models were given it.</summary>
    /// <param name="until">The last step whose input counts; null for all.</param>
    public IEnumerable<Passage> SaidByUsers(AgentStep? until = null) =>
        Models.Where(model => until is null || model.Number <= until.Number).SelectMany(static model => model.Input).Where(static message => message.Role == "user").SelectMany(static message => message.Texts);

    /// <summary>The system texts, each once.</summary>
    public IReadOnlyList<Passage> Instructions { get; init; } = [];

    /// <summary>
    /// The run up to each answer that a user's next words followed, the last few of them; those that a later answer takes back are left out, and of a long run those before which too much had come.
    /// </summary>
    public IReadOnlyList<AgentRun> EarlierAnswers()
    {
        if (Answering is not { } last)
        {
            return [];
        }

        List<AgentRun> earlier = [];
        var left = MostLookedThrough;
        for (var (place, isSpoken) = (Models.Count - 1, false); place >= 0 && earlier.Count < MostAnswers; place--)
        {
            var model = Models[place];
            if (model.Run != last.Run)
            {
                continue;
            }

            if (isSpoken && model.Number < last.Number && model.Asked.Count == 0 && model.Said.LastOrDefault() is { } said)
            {
                left -= Tools.Where(tool => tool.Number < model.Number && tool.Result is not null).Sum(static tool => (long)JsonMarshal.GetRawUtf8Value(tool.Result!.Value).Length);
                if (left < 0)
                {
                    break;
                }

                earlier.Add(new AgentRun(Spans, [.. Steps.TakeWhile(step => step.Number <= model.Number)], IsCut, _owners) { Request = Request, Answer = said, Answering = model, Instructions = Instructions });
            }

            if (model.Said.Any(static text => AnswerSigns.TakesBack(text.Text)))
            {
                break;
            }

            isSpoken |= model.Input.Exists(static message => message.Role == "user" && message.Texts.Count > 0);
        }

        return earlier;
    }

    /// <summary>By <see cref="SpanNode.Index"/>, which spans are steps, part of one, or around steps.</summary>
    public bool[] Marks()
    {
        var marks = Array.ConvertAll(_owners, static owner => owner is not null);
        foreach (var node in _byNode.Keys.Concat(Tools.SelectMany(static tool => tool.Halves)))
        {
            marks[node.Index] = true;
        }

        foreach (var step in _byNode.Keys)
        {
            for (var above = step.Parent; above is not null && !marks[above.Index]; above = above.Parent)
            {
                marks[above.Index] = true;
            }
        }

        return marks;
    }

    /// <summary>The step that this span records, or null.</summary>
    public AgentStep? Find(SpanNode node) => _byNode.GetValueOrDefault(node);

    /// <summary>The step that this span records or is part of, or null; only spans of a step's own process, and of its other halves, are part of it.</summary>
    public AgentStep? OwnerOf(SpanNode node) => _byNode.GetValueOrDefault(node) ?? (Spans.Nodes[node.Index] == node ? _owners[node.Index] : null);
}
