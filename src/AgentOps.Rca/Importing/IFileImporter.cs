namespace AgentOps.Rca.Importing;

/// <summary>
/// Takes trace files in: what a tool, a framework or an exporter wrote on disk becomes the same spans and artifacts as through OTLP, in an
/// incident. The format is told by the file's content, never by its name. A file that is taken in twice is there once.
/// </summary>
public interface IFileImporter
{
    /// <summary>Takes a file in, in bounded memory. Repeating the call is safe.</summary>
    /// <param name="file">
    /// The file, packed or not, from its current position to its end; not disposed. One that cannot seek is kept in a temporary file meanwhile.
    /// </param>
    /// <param name="request">Where it goes and who is told; null opens an incident.</param>
    /// <param name="cancellationToken">Cancels the work; what was read until then may be stored.</param>
    /// <exception cref="StoreUnavailableException">A store cannot be reached; taking the file in again is safe.</exception>
    ValueTask<ImportOutcome> ImportAsync(Stream file, ImportRequest? request = null, CancellationToken cancellationToken = default);
}
