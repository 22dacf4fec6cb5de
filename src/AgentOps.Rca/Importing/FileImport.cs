namespace AgentOps.Rca.Importing;

/// <summary>What an import did.</summary>
public sealed record FileImport
{
    /// <summary>How many runs are named at most.</summary>
    public const int MostRuns = 1_000;

    /// <summary>How many runs are counted at most.</summary>
    public const int MostRunsCounted = 1_000_000;

    /// <summary>How many kinds of what was left out are named at most.</summary>
    public const int MostLeftOut = 100;

    /// <summary>The incident of the spans, the first where each run has its own; null when none was asked for.</summary>
    public Guid? IncidentId { get; init; }

    /// <summary>Whether the incident is new.</summary>
    public bool IncidentCreated { get; init; }

    /// <summary>The incidents that the spans were given, in the order of the file: one, or one a run (<see cref="ImportRequest.IncidentPerRun"/>).</summary>
    public IReadOnlyList<ImportedIncident> Incidents { get; init; } = [];

    /// <summary>The files that were read, in their order: the file itself, or those within the archive.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>How many spans are new.</summary>
    public long SpansAdded { get; init; }

    /// <summary>How many spans were here.</summary>
    public long SpansKnown { get; init; }

    /// <summary>How many spans were refused: another one is stored under their id, or belongs to another incident. They are told under <see cref="LeftOut"/>, too.</summary>
    public long SpansRefused { get; init; }

    /// <summary>How many spans have no time in the file: their times only tell the order.</summary>
    public long SpansWithoutTime { get; init; }

    /// <summary>The ids of the runs (traces), in their order; at most <see cref="MostRuns"/>.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>How many runs there are, counted up to <see cref="MostRunsCounted"/>.</summary>
    public long RunCount { get; init; }

    /// <summary>What was not understood or not taken, by kind; at most <see cref="MostLeftOut"/> kinds.</summary>
    public required IReadOnlyList<LeftOut> LeftOut { get; init; }

    /// <summary>How many records or parts of records were not understood or not taken, in all.</summary>
    public long LeftOutCount { get; init; }
}

/// <summary>An incident that spans of a file were given.</summary>
/// <param name="Id">The incident.</param>
/// <param name="IsCreated">Whether it is new.</param>
/// <param name="Run">The id of its run (trace), the first where it has several.</param>
/// <param name="Spans">How many spans of the file are its own.</param>
/// <param name="First">Where the first of them stands.</param>
public sealed record ImportedIncident(Guid Id, bool IsCreated, string Run, long Spans, FilePlace First);

/// <summary>A file that was read.</summary>
/// <param name="Member">Its name within the archive; null when the file is none.</param>
/// <param name="Format">The format, such as <c>claude-code</c> (<see cref="ImportFormats"/>).</param>
/// <param name="Records">How many lines or items of it were read.</param>
/// <param name="Spans">How many spans they gave.</param>
public sealed record ImportedFile(string? Member, string Format, long Records, long Spans);

/// <summary>Records, or parts of records, that are not in the spans.</summary>
/// <param name="What">What they are and why, in a sentence.</param>
/// <param name="Count">How many.</param>
/// <param name="First">Where the first of them stands.</param>
public sealed record LeftOut(string What, long Count, FilePlace First);
