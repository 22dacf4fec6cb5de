using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Tool.Files;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>A file that was not read.</summary>
/// <param name="File">What the user called it.</param>
/// <param name="Reason">Why, in a sentence that names it.</param>
internal sealed record UnreadFile(string File, string Reason);

/// <summary>A file, or one of the runs that it tells of, and what was found in it.</summary>
/// <param name="File">The file.</param>
/// <param name="Incident">The incident of the file or the run.</param>
/// <param name="Number">Which one of the file's it is, from 1.</param>
/// <param name="Report">What was found.</param>
/// <param name="Places">Where the words of its evidence stand, by the evidence's id, where that was found.</param>
/// <param name="Markdown">The post-mortem, where it is asked for.</param>
internal sealed record AnalyzedFile(
    OpenedFile File, ImportedIncident Incident, int Number, RcaReport Report, IReadOnlyDictionary<string, FilePlace> Places, string? Markdown)
{
    /// <summary>Where evidence stands in the file: its words, else the message or record that it belongs to; null when it was read from something else.</summary>
    public FilePlace? PlaceOf(RcaEvidence evidence) => Places.TryGetValue(evidence.Id, out var place) ? place : File.PlaceOf(evidence);

    /// <summary>What was found, in words for people: the cause, or that there is none.</summary>
    public string Said => Report.RootCause ?? IncidentOrigin.Say(Report.Summary, File.What);

    /// <summary>The evidence of the first hypothesis, in its order.</summary>
    public IEnumerable<RcaEvidence> Cited =>
        Report.Hypotheses is [var first, ..] ? Report.Evidence.Where(evidence => first.Evidence.Contains(evidence.Id)) : [];
}
