using System.Text.Json;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Importing.Formats;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Importing;

/// <summary>Unpacks a file, finds the reader of each content, and opens the incident when there is something in it.</summary>
internal sealed class FileImporter(IIncidentStore incidents, IIncidentOpener opener, OtlpIntake intake, ISpanLinking linking) : IFileImporter
{
    private const int CopyBytes = 128 * 1024;

    // Those whose marks are their own come first; a list of messages is what has no other mark.
    private static IFileFormat[] Formats =>
    [
        new OtlpProtobufFile(), new OtlpJsonFile(), new ClaudeCodeFile(), new CodexFile(), new OpenAiAgentsFile(), new LangSmithFile(),
        new AtifFile(), new SweAgentFile(), new InspectFile(), new LangfuseFile(), new MessagesFile(),
    ];

    public async ValueTask<ImportOutcome> ImportAsync(Stream file, ImportRequest? request = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        request ??= new ImportRequest();
        if (await FindProblemAsync(request, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return problem;
        }

        if (file.CanSeek)
        {
            return await ReadAsync(file, request, cancellationToken).ConfigureAwait(false);
        }

        var spool = new Spool();
        await using var spoolDisposal = spool.ConfigureAwait(false);
        try
        {
            var bounded = new BoundedStream(new UndisposedStream(file), request.MostBytes, packed: null);
            await using var boundedDisposal = bounded.ConfigureAwait(false);
            await bounded.CopyToAsync(spool, CopyBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportTooLargeException exception)
        {
            return new ImportOutcome.TooLarge(exception.Message, null);
        }

        var kept = spool.OpenRead();
        await using var keptDisposal = kept.ConfigureAwait(false);
        return await ReadAsync(kept, request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ImportOutcome?> FindProblemAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        if (request.IncidentId is { } id)
        {
            return await incidents.GetAsync(id, cancellationToken).ConfigureAwait(false) is null ? new ImportOutcome.UnknownIncident(id) : null;
        }

        return !request.OpensIncident ? null
            : IsText(request.ProblemType) is { } type ? new ImportOutcome.Invalid("problem_type", type)
            : request.Subject is not null && IsText(request.Subject) is { } subject ? new ImportOutcome.Invalid("subject", subject) : null;
    }

    private static string? IsText(string text) =>
        text.Length > NewIncident.LongestText || string.IsNullOrWhiteSpace(text) || text != OtlpText.Clean(text)
            ? $"It must have 1 to {NewIncident.LongestText} characters, not all of them blank, without U+0000 and halves of surrogate pairs." : null;

    private async ValueTask<ImportOutcome> ReadAsync(Stream file, ImportRequest request, CancellationToken cancellationToken)
    {
        using var sink = new ImportSink(intake, linking, request);
        List<ImportedFile> files = [];
        using var sources = new ImportSources(file, request.MostBytes, (what, place) => sink.LeaveOut(what, place));
        FilePlace? at = null;
        try
        {
            await foreach (var content in sources.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                at = new FilePlace(0, 0, null, content.Member);
                sink.BytesRead = () => content.BytesRead;
                if (Array.Find(Formats, format => format.Knows(content.Shape)) is { } format)
                {
                    files.Add(await ReadAsync(content, format, sink, cancellationToken).ConfigureAwait(false));
                }
                else
                {
                    sink.LeaveOut(WhatIs(content.Shape), at.Value);
                }
            }
        }
        catch (ImportTooLargeException exception)
        {
            await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
            return new ImportOutcome.TooLarge(exception.Message, at);
        }

        await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
        return sink.Taken == 0 ? WhyNothing(request, files, sink) : new ImportOutcome.Imported(await FinishAsync(request, files, sink, cancellationToken).ConfigureAwait(false));
    }

    // A packing that breaks off costs what stands behind that place only.
    private static async ValueTask<ImportedFile> ReadAsync(ImportContent content, IFileFormat format, ImportSink sink, CancellationToken cancellationToken)
    {
        var before = sink.Taken;
        var records = 0L;
        sink.Incidents.HasOneStory = format.HasOneStory;
        try
        {
            records = await format.ReadAsync(content, sink, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            sink.LeaveOut("A packed file is damaged.", new FilePlace(0, content.BytesRead, null, content.Member));
        }

        return new ImportedFile(content.Member, format.Name, records, sink.Taken - before);
    }

    private static ImportOutcome.NotUnderstood WhyNothing(ImportRequest request, List<ImportedFile> files, ImportSink sink)
    {
        var name = request.Name ?? "The file";
        var first = sink.LeftOuts.Count > 0 ? sink.LeftOuts[0] : sink.FirstPassedOver;
        var reason = files.Count == 0 ? $"{name} is no trace of a known format." : $"{name} was read as {files[0].Format}, and no run of an agent is in it.";
        return new ImportOutcome.NotUnderstood(first is null ? reason : $"{reason} {first.What}", first?.First);
    }

    private async ValueTask<FileImport> FinishAsync(ImportRequest request, List<ImportedFile> files, ImportSink sink, CancellationToken cancellationToken)
    {
        List<ImportedIncident> incidents = [];
        foreach (var one in sink.Incidents.All.Where(static one => one.Spans > 0))
        {
            var isCreated = request.IncidentId is null && await OpenAsync(request, one.Id, files, one.Run, cancellationToken).ConfigureAwait(false);
            incidents.Add(new ImportedIncident(one.Id, isCreated, one.Run, one.Spans, one.First));
        }

        return new FileImport
        {
            IncidentId = incidents is [var first, ..] ? first.Id : null,
            IncidentCreated = incidents is [{ IsCreated: true }, ..],
            Incidents = incidents,
            Files = files,
            SpansAdded = sink.Added,
            SpansKnown = sink.Known,
            SpansRefused = sink.Refused,
            SpansWithoutTime = sink.WithoutTime,
            Runs = sink.Runs,
            RunCount = sink.RunCount,
            LeftOut = sink.LeftOuts,
            LeftOutCount = sink.LeftOutCount,
        };
    }

    // Incidents come last, when all that belongs to them is there. One that was opened before stays as it is, whatever it is called now.
    private async ValueTask<bool> OpenAsync(ImportRequest request, Guid id, List<ImportedFile> files, string run, CancellationToken cancellationToken)
    {
        var details = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(details))
        {
            json.WriteStartObject();
            json.WriteStartObject("import");
            json.WriteString("format", files.Find(static file => file.Spans > 0)?.Format);
            json.WriteString("run", run);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var opened = await opener.OpenAsync(
            new NewIncident { Id = id, ProblemType = request.ProblemType, Subject = request.Subject, Details = JsonElement.Parse(details.WrittenSpan) },
            cancellationToken).ConfigureAwait(false);
        return opened is IncidentOutcome.Opened;
    }

    private static string WhatIs(FileShape shape) =>
        shape.Head.IsEmpty ? "The file is empty."
        : shape.IsJson ? $"It is JSON{(shape.Values.Count > 0 && shape.Values[0].Members.Count > 0 ? $" with the members {string.Join(", ", shape.Values[0].Members.Where(static name => !name.Contains('/', StringComparison.Ordinal) && !name.Contains('[', StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(8).Select(static name => OtlpText.Shorten(name, 40)))}" : "")}, and no trace of a known format."
        : "It is neither JSON nor OTLP in protobuf.";
}
