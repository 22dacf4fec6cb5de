using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>Something that went wrong and has to be explained. Only <see cref="Status"/> changes after it is stored.</summary>
public sealed record Incident
{
    private RecordJson _details = RecordJson.Empty;

    /// <summary>The primary key, made by the client or by the library (version 7).</summary>
    public required Guid Id { get; init; }

    /// <summary>The business key of the run that failed, such as an order number. Not unique; empty when it is not known.</summary>
    public string OrderId { get; init; } = "";

    /// <summary>The same under a neutral name: what the run was for, or null when it is not known.</summary>
    /// <remarks>No JSON that we store has it: reading one without it would take <see cref="OrderId"/> away.</remarks>
    [JsonIgnore]
    public string? Subject
    {
        get => OrderId.Length == 0 ? null : OrderId;
        init => OrderId = value ?? "";
    }

    /// <summary>A short class name of the symptom, such as <c>late_delivery</c>.</summary>
    public required string ProblemType { get; init; }

    /// <summary>How late the outcome is, in hours; negative is early, null is unknown.</summary>
    public double? EtaDeltaHours { get; init; }

    /// <summary><c>open</c>, <c>approved</c>, or any word of the user's own workflow.</summary>
    public string Status { get; init; } = IncidentStatus.Open;

    /// <summary>When the incident was opened, UTC, to the microsecond (what PostgreSQL keeps); what is finer is cut off.</summary>
    public required DateTimeOffset CreatedTs
    {
        get;
        init => field = RecordPrecision.Truncate(value);
    }

    /// <summary>A JSON object with everything else; members unknown to this library live here.</summary>
    public JsonElement Details
    {
        get => _details.Element;
        init => _details = RecordJson.Of(value);
    }

    /// <summary><see cref="Details"/>, parsed or not.</summary>
    internal RecordJson KeptDetails
    {
        get => _details;
        init => _details = value;
    }

    /// <summary>Whether <paramref name="other"/> is the same record, the mutable <see cref="Status"/> aside.</summary>
    /// <param name="other">The incident stored under the same id.</param>
    public bool IsSameAs(Incident other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Id == other.Id && OrderId == other.OrderId && ProblemType == other.ProblemType
            && Nullable.Equals(EtaDeltaHours, other.EtaDeltaHours) && CreatedTs == other.CreatedTs
            && CanonicalJson.AreEqual(Details, other.Details);
    }
}
