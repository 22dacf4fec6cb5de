using System.IO.Hashing;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// Bytes that are written once and then read, measured on the way: in memory while they are few, else in a temporary file that only this
/// user can read and that is gone when it is closed.
/// </summary>
internal sealed class Spool : IAsyncDisposable
{
    private const int MostInMemory = 1024 * 1024;
    private const int BufferSize = 128 * 1024;

    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Crc32 _crc32 = new();
    private Stream _content = new MemoryStream();

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_content is MemoryStream memory && Length + bytes.Length > MostInMemory)
        {
            _content = CreateFile();
            memory.Position = 0;
            await memory.CopyToAsync(_content, cancellationToken);
        }

        _sha256.AppendData(bytes.Span);
        _crc32.Append(bytes.Span);
        await _content.WriteAsync(bytes, cancellationToken);
        Length += bytes.Length;
    }

    /// <summary>What was written, under a name. Nothing may be written after it.</summary>
    public BundleFile Describe(string name) =>
        new(name, Length, _crc32.GetCurrentHashAsUInt32(), new ArtifactDigest(_sha256.GetCurrentHash()));

    /// <summary>The bytes from a place on. One reader at a time.</summary>
    public Stream Open(long offset = 0)
    {
        _content.Position = offset;
        return new Section(_content, offset, Length - offset);
    }

    public async ValueTask DisposeAsync()
    {
        _sha256.Dispose();
        await _content.DisposeAsync();
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
