using AgentOps.Rca.Importing;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Files;

/// <summary>Reads files into the stores, the standard input as <c>-</c>.</summary>
internal sealed class FileOpener(IServiceProvider services, ProgressLine progress, TemporaryStore? store = null)
{
    /// <summary>Reads a file into an incident of its own, or into one for each run that it tells of.</summary>
    /// <exception cref="UnreadableFileException">It cannot be read or understood; the sentence says why.</exception>
    public async Task<OpenedFile> OpenAsync(string name, CancellationToken cancellationToken, bool perRun = false)
    {
        var shown = name == "-" ? "the standard input" : Plain.Line(name);
        progress.File = shown;
        var places = new SpanPlaces();
        var file = store?.Open(name) ?? Open(name);
        await using var fileDisposal = file.ConfigureAwait(false);
        var request = new ImportRequest { Name = shown, IncidentPerRun = perRun, Progress = progress, OnSpan = span => places.Add(span.SpanId, span.Place) };
        return await services.GetRequiredService<IFileImporter>().ImportAsync(file, request, cancellationToken).ConfigureAwait(false) switch
        {
            ImportOutcome.Imported { Import: var import } => new OpenedFile(shown, import, places),
            ImportOutcome.NotUnderstood other => throw new UnreadableFileException($"{Where(shown, other.Place)}: {other.Reason}"),
            ImportOutcome.TooLarge large => throw new UnreadableFileException($"{Where(shown, large.Place)}: {large.Reason}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading a file."),
        };
    }

    public static Stream Open(string name)
    {
        if (name == "-")
        {
            return Console.OpenStandardInput();
        }

        try
        {
            return File.OpenRead(name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(
                Directory.Exists(name) ? $"{Plain.Line(name)} is a directory." : !File.Exists(name) ? $"There is no file {Plain.Line(name)}." : Plain.Line(failure.Message));
        }
    }

    private static string Where(string name, FilePlace? place) => place is null ? name : $"{name}, {place}";
}
