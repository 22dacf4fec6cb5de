using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca;

/// <summary>
/// What every record has to be so that every store can hold it and every reader can show it, whichever way it came: by HTTP, or from code that
/// has the library embedded. Each store of this library asks here before it writes; a store of your own may, too.
/// </summary>
public static class RecordRules
{
    /// <summary>Refuses an incident that cannot be kept.</summary>
    /// <param name="incident">The incident.</param>
    /// <exception cref="ArgumentException">A text or a number in it cannot; the message names it.</exception>
    public static void Require(Incident incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        RequireText(incident.OrderId, "The incident's order_id");
        RequireText(incident.ProblemType, "The incident's problem_type");
        RequireText(incident.Status, "The incident's status");
        if (incident.EtaDeltaHours is { } hours && !double.IsFinite(hours))
        {
            throw new ArgumentException("The incident's eta_delta_hours is no finite number.", nameof(incident));
        }

        RequireObject(incident.Details, "The incident's details");
    }

    /// <summary>Refuses spans that cannot be kept.</summary>
    /// <param name="spans">The spans.</param>
    /// <exception cref="ArgumentException">A text, or something in the attributes of one of them, cannot; the message names it.</exception>
    public static void Require(IReadOnlyList<Span> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        foreach (var span in spans)
        {
            ArgumentNullException.ThrowIfNull(span, nameof(spans));
            RequireText(span.SpanId, "A span's span_id");
            RequireText(span.ParentId, "A span's parent_id");
            RequireText(span.Tool, "A span's tool");
            RequireText(span.ArgsDigest, "A span's args_digest");
            RequireText(span.ResultDigest, "A span's result_digest");
            RequireText(span.IncidentId, "A span's incident_id");
            if (!span.KeptAttributes.IsOwn)
            {
                RequireObject(span.Attributes, "A span's attributes");
            }
        }
    }

    /// <summary>Refuses the row of an artifact that cannot be kept.</summary>
    /// <param name="artifact">The row.</param>
    /// <exception cref="ArgumentException">Its media type or its length cannot; the message names it.</exception>
    public static void Require(Artifact artifact)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        RequireText(artifact.Mime, "The artifact's mime");
        if (artifact.Length < 0)
        {
            throw new ArgumentException("The artifact's length is negative.", nameof(artifact));
        }
    }

    private static void RequireText(string? text, string name)
    {
        if (text is not null && (text.Contains('\0', StringComparison.Ordinal) || text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            && JsonRules.FindTextProblem(text) is { } problem)
        {
            throw new ArgumentException($"{name} cannot be kept: {problem}");
        }
    }

    private static void RequireObject(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException($"{name} must be a JSON object.");
        }

        // First the depth, since looking through what is deeper takes as much of the stack.
        if (JsonRules.IsDeeperThan(value, JsonRules.MaxDepth))
        {
            throw new ArgumentException($"{name} nest deeper than {JsonRules.MaxDepth} levels.");
        }

        if (JsonRules.FindProblem(value) is { } problem)
        {
            throw new ArgumentException($"{name} cannot be kept at '{problem.Pointer}': {problem.Message}");
        }
    }
}
