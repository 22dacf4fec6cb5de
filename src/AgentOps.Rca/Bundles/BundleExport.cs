using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;
namespace AgentOps.Rca.Bundles;

/// <summary>A bundle that is ready to be written; its size is known. It holds temporary files: dispose it.</summary>
public sealed class BundleExport : IAsyncDisposable
{
    private readonly IReadOnlyList<(BundleFile File, Func<CancellationToken, ValueTask<Stream>> Open)> _files;
    private readonly IReadOnlyList<Spool> _spools;

    internal BundleExport(
        Guid incidentId,
        string keyId,
        IReadOnlyList<(BundleFile File, Func<CancellationToken, ValueTask<Stream>> Open)> files,
        IReadOnlyList<Spool> spools)
    {
        IncidentId = incidentId;
        KeyId = keyId;
        _files = files;
        _spools = spools;
        Length = ZipFormat.TotalLength(files.Select(file => file.File));
    }

    /// <summary>The incident.</summary>
    public Guid IncidentId { get; }

    /// <summary>The id of the key that signed it.</summary>
    public string KeyId { get; }

    /// <summary>How many bytes will be written.</summary>
    public long Length { get; }

    /// <summary>A name for the file.</summary>
    public string FileName => $"incident-{IncidentId:D}.zip";

    /// <summary>Writes the bundle, in constant memory.</summary>
    /// <param name="destination">Where it goes; need not be seekable.</param>
    /// <param name="cancellationToken">Cancels the write; what was written is then no bundle.</param>
    /// <exception cref="StoreUnavailableException">A store failed; what was written is no bundle.</exception>
    public async ValueTask WriteToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var zip = new ZipWriter(destination);
        foreach (var (file, open) in _files)
        {
            var content = await open(cancellationToken).ConfigureAwait(false);
            await using var contentDisposal = content.ConfigureAwait(false);
            await zip.WriteAsync(file, content, cancellationToken).ConfigureAwait(false);
        }

        await zip.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the temporary files.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var spool in _spools)
        {
            await spool.DisposeAsync().ConfigureAwait(false);
        }
    }
}
