using System.Globalization;

namespace AgentOps.Rca.Reading;

/// <summary>
/// Addresses of places on the page, from its root on: what an answer, a report or a message gives people to open. The page gives the same.
/// </summary>
public static class PageAddresses
{
    /// <summary>An incident.</summary>
    /// <param name="incidentId">Its id.</param>
    public static string Incident(Guid incidentId) => string.Create(CultureInfo.InvariantCulture, $"#incident/{incidentId:D}");

    /// <summary>A call of its run.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="spanId">The span that records the call.</param>
    public static string Span(Guid incidentId, string spanId) => $"{Incident(incidentId)}/span/{Uri.EscapeDataString(spanId)}";

    /// <summary>A step of its run, as the conversation shows it.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="stepId">The step's id.</param>
    public static string Step(Guid incidentId, string stepId) => $"{Incident(incidentId)}/step/{Uri.EscapeDataString(stepId)}";

    /// <summary>A piece of the evidence of its latest report.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="evidenceId">The id within the report.</param>
    public static string Evidence(Guid incidentId, string evidenceId) => $"{Incident(incidentId)}/evidence/{Uri.EscapeDataString(evidenceId)}";

    /// <summary>Bytes of a span on which a claim rests.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="spanId">The span.</param>
    /// <param name="range">Where they stand in its canonical form.</param>
    public static string Bytes(Guid incidentId, string spanId, ByteRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"{Span(incidentId, spanId)}/bytes/{range.Offset}-{range.Offset + range.Length}");

    /// <summary>Two runs beside each other.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="run">The other: an incident, or the span of a run.</param>
    public static string Compare(Guid incidentId, string run) => string.Create(CultureInfo.InvariantCulture, $"#compare/{incidentId:D}/{Uri.EscapeDataString(run ?? throw new ArgumentNullException(nameof(run)))}");
}
