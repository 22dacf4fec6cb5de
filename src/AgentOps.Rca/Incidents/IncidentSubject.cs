using System.Text.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>
/// Tells an order from another subject. Both are one column, so that old tables and clients keep working; who gave the neutral name has it among the
/// details, too, where members that are not known have always been kept.
/// </summary>
internal static class IncidentSubject
{
    public const string Member = "subject";

    public static bool IsOrder(Incident incident) =>
        incident.Details.ValueKind != JsonValueKind.Object
        || !incident.Details.TryGetProperty(Member, out var subject)
        || subject.ValueKind != JsonValueKind.String
        || subject.GetString() != incident.OrderId;
}
