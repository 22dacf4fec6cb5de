using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Files;

/// <summary>A file that was read into an incident, and where in it each span stands.</summary>
/// <param name="Name">What the user called it.</param>
/// <param name="Import">What was read, and what was left out.</param>
/// <param name="Places">The places of its spans.</param>
internal sealed record OpenedFile(string Name, FileImport Import, SpanPlaces Places)
{
    public Guid IncidentId => Import.IncidentId!.Value;

    /// <summary>How many of its runs have no incident, and were not looked at.</summary>
    public long RunsPassedOver => Import.Incidents.Count == FileImport.MostRuns ? Import.RunCount - Import.Incidents.Count : 0;

    public string Format => Import.Files.FirstOrDefault(static file => file.Spans > 0)?.Format ?? "unknown";

    /// <summary>What it is, in the sentences of a report on one of its runs.</summary>
    public string What => $"{Name} ({Format})";

    /// <summary>Where the span of evidence begins in this file; null when it was read from something else.</summary>
    public FilePlace? PlaceOf(RcaEvidence evidence) =>
        evidence.SpanId is { } span && Places.TryGetValue(span, out var place) ? place : null;
}
