using System.Text;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>A span of an incident as the bytes of its columns; texts are UTF-8.</summary>
internal readonly ref struct SpanRow
{
    /// <summary>Its id.</summary>
    public required ReadOnlySpan<byte> SpanId { get; init; }

    /// <summary>Whether it names a parent.</summary>
    public required bool HasParent { get; init; }

    /// <summary>The id of the span that made the call.</summary>
    public ReadOnlySpan<byte> ParentId { get; init; }

    /// <summary>Its tool.</summary>
    public required ReadOnlySpan<byte> Tool { get; init; }

    /// <summary>When it started, as stored.</summary>
    public required long StartTs { get; init; }

    /// <summary>When it ended, as stored.</summary>
    public required long EndTs { get; init; }

    /// <summary>Whether it names its arguments.</summary>
    public bool HasArgs { get; init; }

    /// <summary>The digest of its arguments, as stored.</summary>
    public ReadOnlySpan<byte> ArgsDigest { get; init; }

    /// <summary>Whether it names its result.</summary>
    public bool HasResult { get; init; }

    /// <summary>The digest of its result, as stored.</summary>
    public ReadOnlySpan<byte> ResultDigest { get; init; }

    /// <summary>Its attributes: the JSON of an object.</summary>
    public required ReadOnlySpan<byte> Attributes { get; init; }

    /// <summary>The record of it.</summary>
    /// <param name="incidentId">Its incident.</param>
    public Span ToRecord(string incidentId)
    {
        var attributes = RecordJson.OfStored(Attributes.ToArray());
        return new Span
        {
            SpanId = Encoding.UTF8.GetString(SpanId),
            ParentId = HasParent ? Encoding.UTF8.GetString(ParentId) : null,
            Tool = Encoding.UTF8.GetString(Tool),
            StartTs = StartTs,
            EndTs = EndTs,
            ArgsDigest = HasArgs ? Encoding.UTF8.GetString(ArgsDigest) : null,
            ResultDigest = HasResult ? Encoding.UTF8.GetString(ResultDigest) : null,
            Attributes = attributes.Element,
            IncidentId = incidentId,
        };
    }
}
