namespace AgentOps.Rca.Bundles.Streams;

/// <summary>
/// Bytes that are written once and then read: in memory while they are few, else in a temporary file that only this user can read and
/// that is gone when it is closed.
/// </summary>
internal sealed class Spool : WriteOnlyStream
{
    private const int MostInMemory = 1024 * 1024;
    private const int BufferSize = 128 * 1024;

    private Stream _content = new MemoryStream();

    /// <summary>How many bytes were written.</summary>
    public long Count { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_content is MemoryStream memory && Count + buffer.Length > MostInMemory)
        {
            _content = CreateFile();
            memory.Position = 0;
            await memory.CopyToAsync(_content, cancellationToken).ConfigureAwait(false);
        }

        await _content.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count += buffer.Length;
    }

    /// <summary>The bytes, as a stream that may be read in turn with others of the same spool. Nothing may be written after it.</summary>
    public Stream OpenRead() => new Section(_content, 0, Count);

    public override async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private static FileStream CreateFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = BufferSize,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"agentops-rca-{Path.GetRandomFileName()}"), options);
    }
}
