using System.Text.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>
/// Tells an incident that an import opened for a run, and that nobody reported: what is written for people names the file of the run, and not
/// the name that stands in for a problem.
/// </summary>
internal static class IncidentOrigin
{
    /// <summary>The problem type of such incidents.</summary>
    public const string ImportedRun = "imported_run";

    /// <summary>What a report says of such a run, which does not know what the file is called.</summary>
    public const string ReadFromFile = " was read from a file.";

    // What reports said before.
    private const string Reported = $" was reported as {ImportedRun}.";

    /// <summary>The file that the run was read from, in words; null when somebody reported the incident.</summary>
    /// <param name="incident">The incident.</param>
    /// <param name="fileName">What the file is called, where that is known: it is not stored.</param>
    public static string? FileOf(Incident incident, string? fileName)
    {
        if (incident.ProblemType != ImportedRun)
        {
            return null;
        }

        var format = incident.Details.ValueKind == JsonValueKind.Object && incident.Details.TryGetProperty("import", out var import) && import.ValueKind == JsonValueKind.Object
            && import.TryGetProperty("format", out var named) && named.ValueKind == JsonValueKind.String ? $" ({named.GetString()})" : "";
        return (fileName ?? "a file") + format;
    }

    /// <summary>The sentences of a report, with what the run is in place of what it was reported as.</summary>
    public static string Say(string summary, string file)
    {
        foreach (var said in (string[])[ReadFromFile, Reported])
        {
            if (summary.IndexOf(said, StringComparison.Ordinal) is >= 0 and var at)
            {
                return $"{summary[..at]} is that of {file}.{summary[(at + said.Length)..]}";
            }
        }

        return summary;
    }
}
