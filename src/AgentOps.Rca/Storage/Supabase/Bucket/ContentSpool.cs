using System.Buffers;
using System.Security.Cryptography;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>
/// Content whose digest, and so whose name, is known only at its end: one part is kept in memory, more of it in a temporary file that
/// goes with its handle.
/// </summary>
internal sealed class ContentSpool : IDisposable
{
    private byte[]? _memory = ArrayPool<byte>.Shared.Rent(BucketUpload.PartLength);
    private FileStream? _file;

    /// <summary>How many bytes it has.</summary>
    public long Length { get; private set; }

    /// <summary>Whether one request carries it.</summary>
    public bool IsSmall => _file is null;

    /// <summary>The bytes, when it is small.</summary>
    public ReadOnlyMemory<byte> Bytes => _memory.AsMemory(0, (int)Length);

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="StoreUnavailableException">The disk of the temporary files is full or fails.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_file is null && Length + bytes.Length <= BucketUpload.PartLength)
        {
            bytes.CopyTo(_memory.AsMemory((int)Length));
            Length += bytes.Length;
            return;
        }

        try
        {
            if (_file is null)
            {
                var path = Path.Combine(Path.GetTempPath(), $"agentops-rca-{RandomNumberGenerator.GetHexString(32, lowercase: true)}.upload");
                var file = new FileStream(path, NewFile());
                _file = file;
                await RandomAccess.WriteAsync(file.SafeFileHandle, _memory.AsMemory(0, (int)Length), 0).ConfigureAwait(false);
            }

            await RandomAccess.WriteAsync(_file.SafeFileHandle, bytes, Length).ConfigureAwait(false);
            Length += bytes.Length;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(failure);
        }
    }

    /// <summary>Reads a part from a place; the last one is shorter.</summary>
    /// <exception cref="StoreUnavailableException">The disk of the temporary files fails.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> part, long offset, CancellationToken cancellationToken)
    {
        var length = 0;
        try
        {
            while (length < part.Length
                && await RandomAccess.ReadAsync(_file!.SafeFileHandle, part[length..], offset + length, cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                length += read;
            }
        }
        catch (IOException failure)
        {
            throw Unavailable(failure);
        }

        return length;
    }

    public void Dispose()
    {
        _file?.Dispose();
        if (_memory is { } memory)
        {
            _memory = null;
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static StoreUnavailableException Unavailable(Exception failure) => new(
        $"Content of more than 6 MiB waits for its upload in the directory of temporary files, '{Path.GetTempPath()}', "
        + $"which could not be used: {failure.Message}",
        failure);
}
