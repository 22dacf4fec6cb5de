using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Reading;

/// <summary>Which steps of a run are wanted.</summary>
public sealed record RunStepsQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>Only steps strictly after this one: the last of the page before.</summary>
    public RunStepCursor? After { get; init; }

    /// <summary>Begin with the step that this span records or is part of; excludes <see cref="After"/>.</summary>
    public string? At { get; init; }

    /// <summary>At most this many, from 1 to 500.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Whether secrets and personal data are masked in what is shown.</summary>
    public bool Mask { get; init; } = true;
}

/// <summary>A place in the listing of steps.</summary>
/// <param name="StartNs">When the span of the step at that place started, as recorded, in nanoseconds.</param>
/// <param name="StepId">The id of that step.</param>
public readonly record struct RunStepCursor(long StartNs, string StepId);

/// <summary>What became of a question for steps: exactly one of the records below.</summary>
public abstract record RunStepsOutcome
{
    private RunStepsOutcome()
    {
    }

    /// <summary>They are there.</summary>
    /// <param name="Page">The page.</param>
    public sealed record Found(RunStepsPage Page) : RunStepsOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : RunStepsOutcome;

    /// <summary>The incident has no such span, or it is part of no step.</summary>
    /// <param name="SpanId">The id asked for.</param>
    public sealed record SpanNotFound(string SpanId) : RunStepsOutcome;
}

/// <summary>A page of what agents did, in the order in which it began.</summary>
public sealed record RunStepsPage
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>How many steps are recorded as spans of their own, and of which kinds.</summary>
    public required RunStepCounts Counts { get; init; }

    /// <summary>What the user asked for, or null when that is not recorded.</summary>
    public TextPreview? Request { get; init; }

    /// <summary>What the run said in the end, or null.</summary>
    public TextPreview? Answer { get; init; }

    /// <summary>The id of the step where the latest report finds the cause; null when it names none, or none that is a step.</summary>
    public string? CulpritId { get; init; }

    /// <summary>The latest report, or null.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>Which content was not recorded, and what records it, in sentences.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>The steps.</summary>
    public required IReadOnlyList<RunStepView> Steps { get; init; }

    /// <summary>Where to go on; null on the last page.</summary>
    [JsonIgnore]
    public RunStepCursor? Next { get; init; }

    /// <summary>How many of the steps that spans record come after this page.</summary>
    [JsonIgnore]
    public int Remaining { get; init; }
}

/// <summary>How many steps are recorded as spans of their own.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Models">Calls of models.</param>
/// <param name="Tools">Calls of tools.</param>
/// <param name="Runs">Runs of agents.</param>
/// <param name="Guardrails">Checks of what goes in or out.</param>
/// <param name="Failed">Those whose spans say that they failed.</param>
public sealed record RunStepCounts(int Total, int Models, int Tools, int Runs, int Guardrails, int Failed);

/// <summary>A step of an agent as a list shows it.</summary>
public sealed record RunStepView
{
    /// <summary>The id to ask for the step with: of a span its id; of a call that no span records, the model call's with a number.</summary>
    public required string Id { get; init; }

    /// <summary>The span that records it; for a call that no span records, that of the model call which asked for it.</summary>
    public required string SpanId { get; init; }

    /// <summary><c>model</c>, <c>tool</c>, <c>run</c> or <c>guardrail</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The tool's, model's or agent's name.</summary>
    public required string Name { get; init; }

    /// <summary>What was called, as spans name it, such as <c>tool.call/refund_order</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>The agent whose step it is, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>Whether a span records it; else it is known from messages alone.</summary>
    public required bool Recorded { get; init; }

    /// <summary>The step above it, or null.</summary>
    public string? ParentId { get; init; }

    /// <summary>How many steps lie above it.</summary>
    public required int Depth { get; init; }

    /// <summary>When it started, UTC, as recorded; null for a call that no span records.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When it ended, UTC; null when the record gives no end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How long it took, in milliseconds; null when it has no end or ends before it starts.</summary>
    public double? DurationMs { get; init; }

    /// <summary><c>ok</c>, <c>failed</c> or, of a guardrail, <c>tripped</c>; null for a call that no span records and no message answers.</summary>
    public string? Status { get; init; }

    /// <summary>How it failed, or null.</summary>
    public StepFailureView? Failure { get; init; }

    /// <summary>The model that answered, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens in, or null.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens out, or null.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The cost in US dollars, or null.</summary>
    public double? CostUsd { get; init; }

    /// <summary>Why a model or a run stopped, or null.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Of a model call, how many of its messages earlier steps had been given or had said; they are not repeated.</summary>
    public int EarlierMessages { get; init; }

    /// <summary>Of a model call or a run, what it was given that no earlier step was, and what it said.</summary>
    public IReadOnlyList<StepMessageView> Messages { get; init; } = [];

    /// <summary>Of a tool call, what it was given, or null.</summary>
    public TextPreview? Arguments { get; init; }

    /// <summary>Of a tool call or a guardrail, what it gave back, or null.</summary>
    public TextPreview? Result { get; init; }

    /// <summary>Of a tool call whose model was told, by the call's id, something else than it gave back, what that was; else null.</summary>
    public TextPreview? Told { get; init; }

    /// <summary>Of a model call, the names of the tools that it could call; null when that was not recorded.</summary>
    public IReadOnlyList<string>? Offered { get; init; }

    /// <summary>Of a tool call, whether its model was offered it; null when that is not known.</summary>
    public bool? WasOffered { get; init; }

    /// <summary>Of a tool call, the model call that asked for it, or null.</summary>
    public string? AskedBy { get; init; }

    /// <summary>Whether the latest report finds the cause here.</summary>
    public bool Culprit { get; init; }

    /// <summary>The evidence of the latest report that was read here.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];
}

/// <summary>How a step failed.</summary>
/// <param name="Category">The class of the failure, such as <c>timeout</c>; null when it was not classified.</param>
/// <param name="Type">The error's type or code, or null.</param>
/// <param name="Message">Its own words, masked and cut, or null.</param>
/// <param name="HttpStatus">The HTTP status, or null.</param>
/// <param name="SaidBy"><c>status</c> when the span says so, <c>result</c> when only the result does.</param>
/// <param name="Outcome">What came of it: <c>repaired</c>, <c>handled</c>, <c>ignored</c>, <c>not_repaired</c>; null when it is no tool call.</param>
/// <param name="RepairedBy">The later step that made it good, or null.</param>
public sealed record StepFailureView(
    string? Category, string? Type, string? Message, int? HttpStatus, string SaidBy, string? Outcome, string? RepairedBy);

/// <summary>A message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Said">Whether the step said it; else it was given it.</param>
/// <param name="Texts">What it says.</param>
/// <param name="Calls">The tool calls that it asks for.</param>
/// <param name="Answers">What tools gave back.</param>
public sealed record StepMessageView(
    string Role, bool Said, IReadOnlyList<TextPreview> Texts, IReadOnlyList<AskedCallView> Calls, IReadOnlyList<ToolAnswerView> Answers);

/// <summary>A tool call that a message asks for.</summary>
/// <param name="Id">The call's id, or null.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">What it is to be given, or null.</param>
public sealed record AskedCallView(string? Id, string Name, TextPreview? Arguments);

/// <summary>What a tool gave back, as a message says it.</summary>
/// <param name="CallId">The call's id, or null.</param>
/// <param name="Name">The tool, or null.</param>
/// <param name="Result">What it gave back.</param>
public sealed record ToolAnswerView(string? CallId, string? Name, TextPreview? Result);

/// <summary>Words out of a record as they may be shown.</summary>
/// <param name="Text">The words, with placeholders for what is masked.</param>
/// <param name="Length">How many characters there are in all; of content above 4 MiB, how many bytes.</param>
/// <param name="Cut">Whether there are more than are shown.</param>
/// <param name="Masked">How many parts are masked in what is shown.</param>
/// <param name="Digest">The artifact that they stand in, or null.</param>
public sealed record TextPreview(string Text, long Length, bool Cut, int Masked, string? Digest);

/// <summary>Which step is wanted whole.</summary>
public sealed record RunStepQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The step's id, or the id of a span that records it or is part of it.</summary>
    public required string StepId { get; init; }

    /// <summary>How many characters of each text to show, from 1 to 262,144.</summary>
    public int MostText { get; init; } = TextPreviews.Usual;

    /// <summary>Whether secrets and personal data are masked in what is shown.</summary>
    public bool Mask { get; init; } = true;
}

/// <summary>What became of a question for a step: exactly one of the records below.</summary>
public abstract record RunStepOutcome
{
    private RunStepOutcome()
    {
    }

    /// <summary>It is there.</summary>
    /// <param name="Step">The step.</param>
    public sealed record Found(RunStepDetail Step) : RunStepOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : RunStepOutcome;

    /// <summary>The incident has no such step.</summary>
    /// <param name="StepId">The id asked for.</param>
    public sealed record StepNotFound(string StepId) : RunStepOutcome;
}

/// <summary>A step whole: what its list entry shows, with long texts, the definitions of the tools, and the span's attributes.</summary>
public sealed record RunStepDetail
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The step, with texts as long as was asked for.</summary>
    public required RunStepView Step { get; init; }

    /// <summary>The definitions of the tools that a model could call.</summary>
    public IReadOnlyList<OfferedToolView> Definitions { get; init; } = [];

    /// <summary>The attributes of the span as they are stored, events among them; null for a call that no span records.</summary>
    public JsonElement? Attributes { get; init; }

    /// <summary>The artifact with its arguments or messages as they were recorded, or null.</summary>
    public StepContent? ArgumentsContent { get; init; }

    /// <summary>The artifact with its result or reply as it was recorded, or null.</summary>
    public StepContent? ResultContent { get; init; }

    /// <summary>The spans of the other halves of the same call, such as the server's.</summary>
    public IReadOnlyList<string> OtherSpans { get; init; } = [];

    /// <summary>Its place on the page, from the page's root on.</summary>
    public string Page => PageAddresses.Step(IncidentId, Step.Id);
}

/// <summary>A tool that a model could call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="Schema">The JSON schema of its arguments; null when that was not recorded.</param>
public sealed record OfferedToolView(string Name, string? Description, JsonElement? Schema);

/// <summary>An artifact that a step names.</summary>
/// <param name="Digest">Its SHA-256.</param>
/// <param name="Mime">Its media type, or null when it is not stored.</param>
/// <param name="Length">How many bytes it has, or null when it is not stored.</param>
public sealed record StepContent(string Digest, string? Mime, long? Length);
