using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>A recorded call or run, and the recorded one around it.</summary>
internal sealed class ExecutedCall(Span span, string kind, long sequence)
{
    public Span Span => span;

    /// <summary>What the bytes of its result are.</summary>
    public string Kind => kind;

    public long Sequence => sequence;

    public ExecutedCall? Parent { get; set; }

    public bool IsUsed { get; set; }

    /// <summary>A run is carried out again; any other call is answered, and with it whatever was called within it.</summary>
    public bool IsRun => span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal);

    public bool IsCovered
    {
        get
        {
            for (var around = Parent; around is not null; around = around.Parent)
            {
                if (around is { IsUsed: true, IsRun: false })
                {
                    return true;
                }
            }

            return false;
        }
    }
}

/// <summary>
/// The recorded calls of an execution by tool, arguments and the call around them. Equal calls are told apart by occurrence: the first is
/// the one that began first.
/// </summary>
internal sealed class AgentRecording
{
    private readonly Dictionary<string, ExecutedCall> _byId = new(StringComparer.Ordinal);
    private readonly ILookup<(string? Parent, string Tool), ExecutedCall> _byPlace;

    public AgentRecording(IEnumerable<Span> spans, string? rootSpanId)
    {
        var parents = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var span in spans)
        {
            if (parents.TryAdd(span.SpanId, span.ParentId) && Read(span) is { } call)
            {
                _byId.Add(span.SpanId, call);
            }
        }

        foreach (var call in _byId.Values)
        {
            call.Parent = FindParent(call, parents);
        }

        CutCycles();
        Calls = [.. _byId.Values
            .Where(call => rootSpanId is null || IsWithin(call, rootSpanId))
            .OrderBy(call => EpochUnit.ToNanoseconds(call.Span.StartTs))
            .ThenBy(call => call.Sequence)
            .ThenBy(call => call.Span.SpanId, Utf8Comparer.Instance)];
        _byPlace = Calls.ToLookup(call => (call.Span.SpanId == rootSpanId ? null : call.Parent?.Span.SpanId, AskedFor(call.Span)));
    }

    /// <summary>The calls in the order in which they began.</summary>
    public IReadOnlyList<ExecutedCall> Calls { get; }

    /// <summary>The calls of a tool, as it is asked for, within another call (null: at the root), in the order in which they began.</summary>
    public IEnumerable<ExecutedCall> Find(string? parent, string tool) => _byPlace[(parent, tool)];

    /// <summary>The calls within another call that were not made yet.</summary>
    public IEnumerable<ExecutedCall> UnusedWithin(string? parent) => _byPlace.Where(group => group.Key.Parent == parent)
        .SelectMany(group => group).Where(call => !call.IsUsed);

    private static ExecutedCall? Read(Span span) =>
        span.Attributes.TryGetProperty(RecordedKinds.Attribute, out var kind) && kind.ValueKind == JsonValueKind.String
            ? new ExecutedCall(
                span,
                kind.GetString()!,
                span.Attributes.TryGetProperty(RecordedKinds.Sequence, out var sequence) && sequence.ValueKind == JsonValueKind.Number
                    && sequence.TryGetInt64(out var number) ? number : 0)
            : null;

    // A model that only its answer named was asked for without a name.
    private static string AskedFor(Span span) =>
        span.Tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal)
        && span.Attributes.TryGetProperty(GenAiAttributes.RequestModel, out var model) && model.ValueKind == JsonValueKind.Null
            ? ChatCallRecorder.ToolOf(model: null)
            : span.Tool;

    // Spans in between, such as activities, are not called again: the nearest recorded call counts.
    private ExecutedCall? FindParent(ExecutedCall call, Dictionary<string, string?> parents)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { call.Span.SpanId };
        for (var id = call.Span.ParentId; id is not null && seen.Add(id) && parents.TryGetValue(id, out var above); id = above)
        {
            if (_byId.TryGetValue(id, out var parent))
            {
                return parent;
            }
        }

        return null;
    }

    private void CutCycles()
    {
        foreach (var call in _byId.Values.OrderBy(call => call.Span.SpanId, Utf8Comparer.Instance))
        {
            var seen = new HashSet<ExecutedCall>();
            for (var above = call; above is not null; above = above.Parent)
            {
                if (!seen.Add(above))
                {
                    above.Parent = null;
                    break;
                }
            }
        }
    }

    private static bool IsWithin(ExecutedCall call, string rootSpanId)
    {
        for (var above = call; above is not null; above = above.Parent)
        {
            if (above.Span.SpanId == rootSpanId)
            {
                return true;
            }
        }

        return false;
    }
}
