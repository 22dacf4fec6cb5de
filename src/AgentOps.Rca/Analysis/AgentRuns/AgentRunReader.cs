using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Builds the agents' view of a case: reads each step's span and artifacts once, and bounds what it keeps.</summary>
internal sealed class AgentRunReader(RcaCase rcaCase, CaseContents contents)
{
    private static readonly string[] CallIdNames = ["gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id", "tool_call_id", "toolCallId", "openinference.tool_call.id"];
    private static readonly string[] FinishNames = ["gen_ai.response.finish_reasons", "gen_ai.response.finish_reason", "ai.response.finishReason", "llm.finish_reason"];

    // Messages may stand in the attributes, so not too many are held at once.
    private const int SpansAtOnce = 100;

    private readonly List<AgentStep> _steps = [];
    private readonly Dictionary<int, int> _said = [];
    private readonly Dictionary<string, Passage> _instructions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, OfferedTool>> _offers = new(StringComparer.Ordinal);
    private readonly List<ToolAnswer> _answers = [];
    private Passage? _request;

    public async ValueTask<AgentRun> ReadAsync(CancellationToken cancellationToken)
    {
        var tree = new StepTree(rcaCase.Spans);
        for (var place = 0; place < tree.Nodes.Count; place++)
        {
            var node = tree.Nodes[place];
            if (place % SpansAtOnce == 0)
            {
                await rcaCase.FetchSpans([.. tree.Nodes.Skip(place).Take(SpansAtOnce).Select(static step => step.SpanId)], cancellationToken).ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            _steps.Add(StepTree.KindOf(node) switch
            {
                StepKind.Model => await ReadModelAsync(node, cancellationToken).ConfigureAwait(false),
                StepKind.Tool => await ReadToolAsync(node, cancellationToken).ConfigureAwait(false),
                StepKind.Guardrail => await ReadGuardrailAsync(node, cancellationToken).ConfigureAwait(false),
                _ => await ReadRunAsync(node, cancellationToken).ConfigureAwait(false),
            });
        }

        var byNode = _steps.ToDictionary(step => step.Node);
        foreach (var (half, call) in tree.Halves)
        {
            if (byNode.GetValueOrDefault(call) is ToolStep step)
            {
                step.Halves.Add(half);
                await JoinAsync(step, half, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var step in _steps)
        {
            for (var above = step.Node.Parent; above is not null && step.Run is null; above = above.Parent)
            {
                step.Run = byNode.GetValueOrDefault(above) as RunStep;
            }

            if (step is ModelStep { Agent: null } model)
            {
                model.Agent = step.Run?.Agent;
            }
        }

        CallLinks.Link(_steps, _answers);
        for (var i = 0; i < _steps.Count; i++)
        {
            _steps[i].Number = i;
        }

        StepFailures.Read(_steps);
        var answering = Answering();
        var run = new AgentRun(rcaCase.Spans, _steps, tree.IsCut, StepOwners.Of(rcaCase.Spans, byNode))
        {
            Request = MethodVersion.IsBefore(5) ? _request : RunRequest.Of(_steps) ?? _request,
            Answering = answering,
            Answer = answering?.Said.LastOrDefault() ?? _steps.OfType<RunStep>().Where(step => step.Run is null).SelectMany(step => step.Answer).SelectMany(message => message.Texts).LastOrDefault(),
            Instructions = [.. _instructions.Values],
        };
        Outcomes.Judge(run);
        return run;
    }

    private async ValueTask<ModelStep> ReadModelAsync(SpanNode node, CancellationToken cancellationToken)
    {
        var attributes = await AttributesAsync(node, cancellationToken).ConfigureAwait(false);
        var step = new ModelStep(node) { Scope = ScopeOf(attributes) };
        var (given, said) = (new MessageReader(), new MessageReader());
        Dictionary<string, OfferedTool> offered = new(StringComparer.Ordinal);
        if (await ReadAsync(node, isResult: false, cancellationToken).ConfigureAwait(false) is { } arguments)
        {
            given.Read(arguments.Value, arguments.Place, "user");
            OfferedTools.Read(arguments.Value, arguments.Place, offered);
        }

        OfferedTools.Read(attributes, new Place(node.SpanId, null, "/attributes"), offered);
        if (await ReadAsync(node, isResult: true, cancellationToken).ConfigureAwait(false) is { } result)
        {
            said.Read(result.Value, result.Place, "assistant");
        }

        step.Agent = attributes.TextOf("gen_ai.agent.name") ?? attributes.TextOf("agent.name");
        step.OutputLimit = TokenCounts.LimitOf(attributes);
        (step.InputTokens, step.InputTokensName) = TokenCounts.InputOf(attributes);
        step.Offered = Shared(offered);
        step.Finish = FinishOf(node, attributes) ?? said.FinishReasons.LastOrDefault();
        Take(given.Messages, step);
        step.Output.AddRange(said.Messages);
        foreach (var message in said.Messages)
        {
            Note(message);
            _answers.AddRange(message.Answers);
        }

        return step;
    }

    private async ValueTask<ToolStep> ReadToolAsync(SpanNode node, CancellationToken cancellationToken)
    {
        var attributes = await AttributesAsync(node, cancellationToken).ConfigureAwait(false);
        var step = new ToolStep(node, attributes.TextOf("gen_ai.tool.name") ?? node.Tool[ToolNames.ToolCallPrefix.Length..], isRecorded: true)
        {
            Scope = ScopeOf(attributes),
            CallId = Array.ConvertAll(CallIdNames, name => attributes.TextOf(name)).FirstOrDefault(id => id is { Length: > 0 }),
        };
        if (await ReadAsync(node, isResult: false, cancellationToken).ConfigureAwait(false) is { } arguments)
        {
            step.Arguments = Envelope.Arguments(arguments.Value, arguments.Place);
        }

        if (await ReadAsync(node, isResult: true, cancellationToken).ConfigureAwait(false) is { } result)
        {
            step.Result = Envelope.Result(result.Value, result.Place);
            step.CallId ??= CallIdWithin(result.Value);

            // Strands tells of a failure beside the result, and leaves the span's own status as it is.
            if (!MethodVersion.IsBefore(5) && (attributes.TextOf("tool.status") ?? attributes.TextOf("gen_ai.tool.status")) is "error")
            {
                step.Result = step.Result with { SaysError = true };
            }
        }

        return step;
    }

    private async ValueTask<GuardrailStep> ReadGuardrailAsync(SpanNode node, CancellationToken cancellationToken)
    {
        var step = new GuardrailStep(node);
        var attributes = await AttributesAsync(node, cancellationToken).ConfigureAwait(false);
        if (await ReadAsync(node, isResult: true, cancellationToken).ConfigureAwait(false) is { } result)
        {
            step.Result = Envelope.Result(result.Value, result.Place);
        }

        step.Tripped = Guardrails.TrippedBy(step, attributes);
        return step;
    }

    private async ValueTask<RunStep> ReadRunAsync(SpanNode node, CancellationToken cancellationToken)
    {
        var step = new RunStep(node);
        var attributes = await AttributesAsync(node, cancellationToken).ConfigureAwait(false);
        var (given, said) = (new MessageReader(), new MessageReader());
        if (await ReadAsync(node, isResult: false, cancellationToken).ConfigureAwait(false) is { } arguments)
        {
            given.Read(arguments.Value, arguments.Place, "user");
            if (given.Messages.Count == 0 && !MethodVersion.IsBefore(5) && RunRequest.Loose(Envelope.Arguments(arguments.Value, arguments.Place)) is { } loose)
            {
                given.Messages.Add(loose);
            }
        }

        if (await ReadAsync(node, isResult: true, cancellationToken).ConfigureAwait(false) is { } result)
        {
            said.Read(result.Value, result.Place, "assistant");
        }

        step.Request.AddRange(given.Messages);
        step.Answer.AddRange(said.Messages.Where(message => message.Role is "assistant"));
        step.Finish = FinishOf(node, attributes) ?? said.FinishReasons.LastOrDefault();
        _request ??= given.Messages.Where(message => message.Role == "user").SelectMany(message => message.Texts).FirstOrDefault();
        return step;
    }

    // The server's half often knows the result when the client's does not, and the other way round.
    private async ValueTask JoinAsync(ToolStep step, SpanNode half, CancellationToken cancellationToken)
    {
        if (step.Arguments is null && await ReadAsync(half, isResult: false, cancellationToken).ConfigureAwait(false) is { } arguments)
        {
            step.Arguments = Envelope.Arguments(arguments.Value, arguments.Place);
        }

        if (step.Result is null && await ReadAsync(half, isResult: true, cancellationToken).ConfigureAwait(false) is { } result)
        {
            step.Result = Envelope.Result(result.Value, result.Place);
        }
    }

    // What earlier steps were given or said comes again in each prompt; it is kept once, where it came first.
    private void Take(List<RunMessage> messages, ModelStep step)
    {
        var here = new Dictionary<int, int>();
        foreach (var message in messages)
        {
            var print = message.Fingerprint();
            var times = here[print] = here.GetValueOrDefault(print) + 1;
            _answers.AddRange(message.Answers.Select(answer => answer with { To = step }));
            if (times <= _said.GetValueOrDefault(print))
            {
                step.Earlier++;
                continue;
            }

            _said[print] = times;
            if (message.Role == "system")
            {
                foreach (var text in message.Texts)
                {
                    _instructions.TryAdd(text.Text, text);
                }
            }
            else if (message.Role == "user")
            {
                _request ??= message.Texts.FirstOrDefault();
            }

            step.Input.Add(message);
        }
    }

    private void Note(RunMessage message)
    {
        var print = message.Fingerprint();
        _said[print] = _said.GetValueOrDefault(print) + 1;
    }

    private IReadOnlyDictionary<string, OfferedTool> Shared(Dictionary<string, OfferedTool> offered)
    {
        // The same tools are offered at each step; one list serves all.
        var key = string.Join('\n', offered.Values.Select(tool => $"{tool.Name}\t{(tool.Schema.ValueKind == JsonValueKind.Undefined ? "" : tool.Schema.GetRawText())}"));
        if (!_offers.TryGetValue(key, out var known))
        {
            _offers.Add(key, known = offered);
        }

        return known;
    }

    private ModelStep? Answering()
    {
        ModelStep? last = null;
        foreach (var step in _steps.OfType<ModelStep>())
        {
            if (step.Asked.Count == 0 && step.Said.Any() && (last is null || step.Node.EndNs >= last.Node.EndNs))
            {
                last = step;
            }
        }

        return last is null || MethodVersion.IsBefore(5) ? last : Farewells.Before(_steps, last);
    }

    private async ValueTask<JsonElement> AttributesAsync(SpanNode node, CancellationToken cancellationToken) =>
        await rcaCase.ReadSpan(node.SpanId, cancellationToken).ConfigureAwait(false) is { } span ? span.Attributes : default;

    private async ValueTask<(JsonElement Value, Place Place)?> ReadAsync(SpanNode node, bool isResult, CancellationToken cancellationToken)
    {
        var digest = isResult ? node.ResultDigest : node.ArgsDigest;
        if (await contents.ReadContentAsync(digest, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        return (content.Value, new Place(node.SpanId, digest, content.IsJson ? "" : null));
    }

    private static Passage? FinishOf(SpanNode node, JsonElement attributes)
    {
        foreach (var name in FinishNames)
        {
            if (attributes.ValueKind != JsonValueKind.Object || !attributes.TryGetProperty(name, out var value))
            {
                continue;
            }

            var list = value.ValueKind == JsonValueKind.String && Envelope.TryParse(value.GetString()!, out var parsed) ? parsed : value;
            var word = list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 && list[list.GetArrayLength() - 1] is { ValueKind: JsonValueKind.String } last ? last.GetString()
                : list.ValueKind == JsonValueKind.String ? list.GetString() : null;
            if (word is { Length: > 0 })
            {
                return new Passage(word, new Place(node.SpanId, null, "/attributes").Member(name));
            }
        }

        return null;
    }

    private static string? ScopeOf(JsonElement attributes) => attributes.TextOf("otel.scope.name");

    private static string? CallIdWithin(JsonElement value, int depth = 0)
    {
        if (value.ValueKind != JsonValueKind.Object || depth > 3)
        {
            return null;
        }

        return value.TextOf("tool_call_id") ?? value.TextOf("toolCallId")
            ?? (value.TryGetProperty("output", out var output) ? CallIdWithin(output, depth + 1) : null)
            ?? (value.TryGetProperty("kwargs", out var kwargs) ? CallIdWithin(kwargs, depth + 1) : null);
    }
}
