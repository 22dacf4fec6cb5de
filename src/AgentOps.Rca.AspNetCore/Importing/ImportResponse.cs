using AgentOps.Rca.Importing;

namespace AgentOps.Rca.AspNetCore.Importing;

/// <summary>What an import did, on the wire.</summary>
internal sealed record ImportResponse(
    Guid? IncidentId,
    bool Created,
    IReadOnlyList<IncidentOfImport> Incidents,
    IReadOnlyList<ImportedFile> Files,
    ImportedSpans Spans,
    IReadOnlyList<string> Runs,
    long RunCount,
    IReadOnlyList<LeftOutOfImport> LeftOut,
    long LeftOutCount)
{
    public static ImportResponse Of(FileImport import) => new(
        import.IncidentId,
        import.IncidentCreated,
        [.. import.Incidents.Select(static one => new IncidentOfImport(one.Id, one.IsCreated, one.Run, one.Spans, one.First.Member, one.First.Line, one.First.Offset, one.First.Pointer))],
        import.Files,
        new ImportedSpans(import.SpansAdded, import.SpansKnown, import.SpansRefused, import.SpansWithoutTime),
        import.Runs,
        import.RunCount,
        [.. import.LeftOut.Select(static kind => new LeftOutOfImport(kind.What, kind.Count, kind.First.Member, kind.First.Line, kind.First.Offset, kind.First.Pointer))],
        import.LeftOutCount);
}

/// <summary>An incident that spans were given, and where the first of them stands.</summary>
internal sealed record IncidentOfImport(Guid Id, bool Created, string Run, long Spans, string? Member, long Line, long Offset, string? Pointer);

/// <summary>What became of the spans, and how many of them have no time in the file.</summary>
internal sealed record ImportedSpans(long Added, long Known, long Refused, long WithoutTime);

/// <summary>A kind of what was not taken, and where the first of it stands.</summary>
internal sealed record LeftOutOfImport(string What, long Count, string? Member, long Line, long Offset, string? Pointer);
