using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Importing;

/// <summary>Where a file's content goes, how much of it is taken, and who is told meanwhile.</summary>
public sealed record ImportRequest
{
    /// <summary>How much a file may hold when it is unpacked, unless the caller says otherwise: 8 GiB.</summary>
    public const long DefaultMostBytes = 8L * 1024 * 1024 * 1024;

    /// <summary>
    /// The incident that the spans get, which must be there; null opens one of its own for the file's first run, under an id made from that
    /// run, so that the same run always has the same incident.
    /// </summary>
    public Guid? IncidentId { get; init; }

    /// <summary>Whether an incident is opened when none is given; without one the spans are stored by themselves.</summary>
    public bool OpensIncident { get; init; } = true;

    /// <summary>
    /// Whether each run of a file that tells of several has an incident of its own, so that no run is judged by what happened in another; the
    /// first <see cref="FileImport.MostRuns"/> have one, and spans of later ones are stored by themselves. Traces of OpenTelemetry stay together,
    /// since one of them often tells what another waited for. Means nothing where <see cref="IncidentId"/> names the incident.
    /// </summary>
    public bool IncidentPerRun { get; init; }

    /// <summary>The problem type of an incident that is opened.</summary>
    public string ProblemType { get; init; } = IncidentOrigin.ImportedRun;

    /// <summary>What the incident is about, such as a ticket; null says nothing.</summary>
    public string? Subject { get; init; }

    /// <summary>What the file is called in the sentences of the answer; it says nothing of the format, and is not stored.</summary>
    public string? Name { get; init; }

    /// <summary>How many bytes the file may hold when it is unpacked, all in all.</summary>
    public long MostBytes { get; init; } = DefaultMostBytes;

    /// <summary>Told how far the work is, after each batch of spans.</summary>
    public IProgress<ImportProgress>? Progress { get; init; }

    /// <summary>
    /// Told of each span and where in the file it stands, in the order of the file, before it is stored. Places are not stored: the same span in
    /// another file is the same span.
    /// </summary>
    public Action<ImportedSpan>? OnSpan { get; init; }
}

/// <summary>How far an import is.</summary>
/// <param name="Bytes">How many bytes of unpacked content were read.</param>
/// <param name="Spans">How many spans were stored or known.</param>
public readonly record struct ImportProgress(long Bytes, long Spans);

/// <summary>A span, and where in the file it stands.</summary>
/// <param name="SpanId">The span's id.</param>
/// <param name="Tool">What it is called.</param>
/// <param name="Place">Where it begins.</param>
public readonly record struct ImportedSpan(string SpanId, string Tool, FilePlace Place);
