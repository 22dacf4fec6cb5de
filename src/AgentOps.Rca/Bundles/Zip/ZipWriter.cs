using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>Writes the archive of a bundle, front to back, to a stream that need not be seekable.</summary>
internal sealed class ZipWriter(Stream destination)
{
    private readonly List<(BundleFile File, long Offset)> _entries = [];
    private long _offset;

    /// <summary>Writes an entry.</summary>
    /// <param name="file">What is known of it.</param>
    /// <param name="content">Its content, of exactly that length.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="InvalidDataException">The content is shorter or longer; the archive cannot be finished.</exception>
    public async ValueTask WriteAsync(BundleFile file, Stream content, CancellationToken cancellationToken)
    {
        var header = ZipFormat.LocalHeader(file);
        await destination.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        var written = await ContentPump.PumpAsync(content, (part, _) => destination.WriteAsync(part, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        if (written != file.Length)
        {
            throw new InvalidDataException($"The file {file.Name} changed its length while it was written.");
        }

        _entries.Add((file, _offset));
        _offset += header.Length + file.Length;
    }

    /// <summary>Writes the central directory; the archive is whole then.</summary>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        long size = 0;
        foreach (var (file, offset) in _entries)
        {
            var record = ZipFormat.CentralRecord(file, offset);
            await destination.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            size += record.Length;
        }

        await destination.WriteAsync(ZipFormat.End(_entries.Count, _offset, size), cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
