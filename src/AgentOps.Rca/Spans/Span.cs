using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>One call that was made: a tool, a model, an agent's step, a person's decision. Immutable once stored.</summary>
public sealed record Span
{
    private RecordJson _attributes = RecordJson.Empty;

    /// <summary>The primary key, made by the caller. Spans from OpenTelemetry use <c>trace_id:span_id</c>.</summary>
    public required string SpanId { get; init; }

    /// <summary>The span that made this call, or null for a root. It may be unknown, or form a cycle; both are reported, never fatal.</summary>
    public string? ParentId { get; init; }

    /// <summary>What was called: <c>tool.call/&lt;name&gt;</c>, <c>llm.call/&lt;name&gt;</c>, <c>agent.run/&lt;name&gt;</c>, or any other text.</summary>
    public required string Tool { get; init; }

    /// <summary>When it started, as given; the unit is read from the size (see <see cref="EpochUnit"/>).</summary>
    public required long StartTs { get; init; }

    /// <summary>When it ended, as given; may lie before <see cref="StartTs"/>, which is reported.</summary>
    public required long EndTs { get; init; }

    /// <summary>The digest of the artifact with its arguments: 64 lowercase hexadecimal digits of a SHA-256, or null.</summary>
    public string? ArgsDigest { get; init; }

    /// <summary>The digest of the artifact with its result, in the same form, or null.</summary>
    public string? ResultDigest { get; init; }

    /// <summary>A JSON object with everything else, such as status, error and events; members unknown to this library live here.</summary>
    public JsonElement Attributes
    {
        get => _attributes.Element;
        init => _attributes = RecordJson.Of(value);
    }

    /// <summary>The incident this call is evidence of, or null. For incidents of this library: the id in lowercase with dashes.</summary>
    public string? IncidentId { get; init; }

    /// <summary><see cref="Attributes"/>, parsed or not.</summary>
    internal RecordJson KeptAttributes
    {
        get => _attributes;
        init => _attributes = value;
    }

    /// <summary>The span, for a store in memory to hold: nobody can dispose of its attributes.</summary>
    internal Span Kept() => _attributes.IsOwn ? this : this with { Attributes = Attributes.Clone() };

    /// <summary>Whether <paramref name="other"/> is the same record; attributes are compared in canonical form.</summary>
    /// <param name="other">The span stored under the same id.</param>
    public bool IsSameAs(Span other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return SpanId == other.SpanId && ParentId == other.ParentId && Tool == other.Tool && StartTs == other.StartTs && EndTs == other.EndTs
            && ArgsDigest == other.ArgsDigest && ResultDigest == other.ResultDigest && IncidentId == other.IncidentId
            && CanonicalJson.AreEqual(Attributes, other.Attributes);
    }

    /// <summary>
    /// Whether this span, sent again, says nothing new of <paramref name="stored"/>: it is the same record, or the record as it came before
    /// it was linked to its incident (<see cref="ISpanLinker"/>).
    /// </summary>
    /// <param name="stored">The span stored under the same id.</param>
    public bool IsRepeatOf(Span stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return IncidentId is null ? IsSameAs(stored with { IncidentId = null }) : IsSameAs(stored);
    }
}
