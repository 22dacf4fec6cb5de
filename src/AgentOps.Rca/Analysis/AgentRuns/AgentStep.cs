using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>One step of an agent's run.</summary>
/// <param name="node">The span that records it; for a tool call that no span records, the model call that asked for it.</param>
internal abstract class AgentStep(SpanNode node)
{
    /// <summary>The span that records it.</summary>
    public SpanNode Node => node;

    /// <summary>Its place among the steps of the case, from 0.</summary>
    public int Number { get; set; }

    /// <summary>The instrumentation scope that recorded it, or null.</summary>
    public string? Scope { get; set; }

    /// <summary>The run of an agent that it is part of, or null.</summary>
    public RunStep? Run { get; set; }

    /// <summary>What it is called in sentences.</summary>
    public virtual string Name => node.Tool;

    /// <inheritdoc/>
    public override string ToString() => $"{Number} {Name}";
}

/// <summary>A call of a model: what it saw, what it was offered, and what it said.</summary>
internal sealed class ModelStep(SpanNode node) : AgentStep(node)
{
    /// <summary>The agent whose call it is, as its span or the run around it says; or null.</summary>
    public string? Agent { get; set; }

    /// <summary>The messages that it was given and that no earlier step of the run was given or said.</summary>
    public List<RunMessage> Input { get; } = [];

    /// <summary>What it said.</summary>
    public List<RunMessage> Output { get; } = [];

    /// <summary>The tools that it could call, by name; empty when that was not recorded.</summary>
    public IReadOnlyDictionary<string, OfferedTool> Offered { get; set; } = new Dictionary<string, OfferedTool>();

    /// <summary>Why it stopped, as the provider says it in lower case (<c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>content_filter</c>), or null.</summary>
    public Passage? Finish { get; set; }

    /// <summary>How many tokens its answer might have, or null when that was not recorded.</summary>
    public long? OutputLimit { get; set; }

    /// <summary>How many tokens it was given, or null.</summary>
    public long? InputTokens { get; set; }

    /// <summary>The attribute that says so, or null.</summary>
    public string? InputTokensName { get; set; }

    /// <summary>The tool calls that it asked for and what came of them, in their order.</summary>
    public List<ToolStep> Asked { get; } = [];

    /// <summary>Whether what it was given or said was recorded.</summary>
    public bool HasContent => Input.Count > 0 || Output.Count > 0 || Earlier > 0;

    /// <summary>How many of its messages earlier steps had been given or had said.</summary>
    public int Earlier { get; set; }

    /// <summary>What it said in words.</summary>
    public IEnumerable<Passage> Said => Output.SelectMany(message => message.Texts);
}

/// <summary>A call of a tool.</summary>
internal sealed class ToolStep(SpanNode node, string tool, bool isRecorded) : AgentStep(node)
{
    private IReadOnlyList<string>? _commands;
    private IReadOnlySet<string>? _targets;

    /// <summary>The tool's name, without what its span is named by.</summary>
    public string Tool => tool;

    /// <summary>Whether a span records it; else it is known from the messages of the model calls.</summary>
    public bool IsRecorded => isRecorded;

    /// <inheritdoc/>
    public override string Name => isRecorded ? Node.Tool : ToolNames.ToolCallPrefix + tool;

    /// <summary>The call's id that its model gave it, or null.</summary>
    public string? CallId { get; set; }

    /// <summary>The model call that asked for it, or null.</summary>
    public ModelStep? Asker { get; set; }

    /// <summary>How the model asked for it, or null.</summary>
    public AskedCall? Call { get; set; }

    /// <summary>What it was given, or null.</summary>
    public Payload? Arguments
    {
        get;
        set
        {
            field = value;
            (_commands, _targets) = (null, null);
        }
    }

    /// <summary>The commands that it ran in a shell (<see cref="CommandCall"/>), read once: each failed call is held against every later one. Empty when it ran none.</summary>
    public IReadOnlyList<string> Commands => _commands ??= CommandCall.Of(this);

    /// <summary>What names a record or a file in what it was given (<see cref="SameWork"/>), read once as well.</summary>
    public IReadOnlySet<string> Targets => _targets ??= SameWork.TargetsIn(this);

    /// <summary>What it gave back, or null.</summary>
    public Payload? Result { get; set; }

    /// <summary>What the model was told that it gave back, or null when no message says it.</summary>
    public Payload? Told { get; set; }

    /// <summary>The first model call that was told so, or null.</summary>
    public ModelStep? ToldTo { get; set; }

    /// <summary>The spans of the other halves of the same call, such as the server's of an MCP call.</summary>
    public List<SpanNode> Halves { get; } = [];

    /// <summary>How it failed, or null.</summary>
    public StepFailure? Failure { get; set; }

    /// <summary>What came of its failure.</summary>
    public FailureOutcome Outcome { get; set; }

    /// <summary>The later call that made its failure good, or null.</summary>
    public ToolStep? RepairedBy { get; set; }

    /// <summary>Whether the model hands the conversation to another agent with it.</summary>
    public bool IsHandoff => Handoffs.IsHandoff(tool);
}

/// <summary>A run of an agent, of a workflow, or of one executor in a workflow, with the steps below it.</summary>
internal sealed class RunStep(SpanNode node) : AgentStep(node)
{
    /// <summary>The agent's name.</summary>
    public string Agent => Node.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) ? Node.Tool[ToolNames.AgentRunPrefix.Length..] : Node.Tool;

    /// <summary>What it was asked for, when its span says so.</summary>
    public List<RunMessage> Request { get; } = [];

    /// <summary>What it answered, when its span says so.</summary>
    public List<RunMessage> Answer { get; } = [];

    /// <summary>Why it stopped, or null.</summary>
    public Passage? Finish { get; set; }
}

/// <summary>A check of what an agent was given or said.</summary>
internal sealed class GuardrailStep(SpanNode node) : AgentStep(node)
{
    /// <summary>What it said, or null.</summary>
    public Payload? Result { get; set; }

    /// <summary>That it stopped the run, as the record says it; or null.</summary>
    public Evidence.Fact? Tripped { get; set; }
}

/// <summary>What came of a step's failure.</summary>
internal enum FailureOutcome
{
    /// <summary>It did not fail.</summary>
    None,

    /// <summary>Nothing shows that it was made good or taken into account.</summary>
    NotRepaired,

    /// <summary>A later call of the same kind succeeded.</summary>
    Repaired,

    /// <summary>It was an answer that was looked for, such as that there is no record of a name.</summary>
    Handled,

    /// <summary>The answer to the user claims success all the same.</summary>
    Ignored,
}
