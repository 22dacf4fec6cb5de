using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// A file that content arrives in before it has a name. Locked while it is written, so that the clean-up of another process leaves it
/// alone; gone when it is disposed, unless it was published.
/// </summary>
internal sealed class IncomingFile : IDisposable
{
    private const string Extension = ".part";
    private const long WritebackStep = 8 * 1024 * 1024;

    private readonly string _path;
    private readonly FileStream _file;
    private long _handedToDisk;
    private bool _published;

    public IncomingFile(string directory)
    {
        _path = Path.Combine(directory, RandomNumberGenerator.GetHexString(32, lowercase: true) + Extension);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(_path, options);
    }

    /// <summary>Deletes what crashed writers left behind: files untouched since <paramref name="before"/> that nobody holds open.</summary>
    public static void DeleteStale(string directory, DateTimeOffset before)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Extension))
        {
            try
            {
                if (File.GetLastWriteTimeUtc(path) < before.UtcDateTime)
                {
                    using var file = new FileStream(
                        path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Another process writes it or has deleted it already; neither is ours to mend.
            }
        }
    }

    /// <summary>Writes bytes at an offset; offsets only grow.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, long offset)
    {
        await RandomAccess.WriteAsync(_file.SafeFileHandle, bytes, offset).ConfigureAwait(false);
        var end = offset + bytes.Length;
        if (end - _handedToDisk >= WritebackStep)
        {
            DurableFileSystem.StartWriteback(_file.SafeFileHandle, _handedToDisk, end - _handedToDisk);
            _handedToDisk = end;
        }
    }

    /// <summary>Lets the disk begin with what was written, up to this length.</summary>
    public void StartWriteback(long length) => DurableFileSystem.StartWriteback(_file.SafeFileHandle, 0, length);

    /// <summary>Makes the bytes durable and moves them to their name.</summary>
    public void Publish(string destination)
    {
        DurableFileSystem.Flush(_file.SafeFileHandle);
        _file.Dispose();
        DurableFileSystem.Replace(_path, destination);
        _published = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (_published)
        {
            return;
        }

        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to report; the next start cleans up.
        }
    }
}
