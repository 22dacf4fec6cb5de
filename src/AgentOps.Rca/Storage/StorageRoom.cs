using System.Diagnostics;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage;

/// <summary>How much records and content take, and how much room is left on the disks of this machine where they lie.</summary>
internal sealed class StorageRoom : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    // Many files take long to count: no more than a twentieth of the time goes into it.
    private const int PauseForEach = 20;

    private readonly List<IStoredBytes> _stores;
    private readonly TimeProvider _timeProvider;
    private readonly SemaphoreSlim _measuring = new(1, 1);
    private volatile Measured? _last;

    public StorageRoom(StorageBackend backend, IArtifactContentStore contents, TimeProvider timeProvider)
    {
        // Content in the tables is measured with them.
        var files = contents is LayeredContentStore layers ? layers.Files : contents as IStoredBytes;
        _stores = [.. new[] { backend.StoredBytes, files }.OfType<IStoredBytes>().Distinct()];
        _timeProvider = timeProvider;
    }

    /// <summary>Bytes that are free on the fullest of the disks; null when nothing is kept on this machine.</summary>
    public long? FindFree() => _stores.Select(static store => store.LocalDirectory).OfType<string>().Select(FreeAt).Min();

    /// <summary>
    /// Bytes that are taken, of the stores that can tell, measured now and then: whoever asks in between gets what was found last, so that what was
    /// taken in since comes on top. Null when none can tell, or the first measuring failed.
    /// </summary>
    /// <param name="cancellationToken">Cancels the measuring.</param>
    public async ValueTask<long?> MeasureAsync(CancellationToken cancellationToken)
    {
        if (IsYoung(_last))
        {
            return _last!.Bytes;
        }

        await _measuring.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsYoung(_last))
            {
                var watch = Stopwatch.StartNew();
                var bytes = await SumAsync(cancellationToken).ConfigureAwait(false);
                var pause = watch.Elapsed * PauseForEach;
                _last = new Measured(bytes, _timeProvider.GetTimestamp(), pause > Every ? pause : Every);
            }

            return _last!.Bytes;
        }
        finally
        {
            _measuring.Release();
        }
    }

    public void Dispose() => _measuring.Dispose();

    private bool IsYoung(Measured? last) => last is not null && _timeProvider.GetElapsedTime(last.At) < last.Pause;

    private async ValueTask<long?> SumAsync(CancellationToken cancellationToken)
    {
        long? sum = null;
        try
        {
            foreach (var store in _stores)
            {
                sum = (sum ?? 0) + await store.MeasureAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException)
        {
            // Whoever writes next finds out whether it is back, and with more patience.
            return _last?.Bytes;
        }

        return sum;
    }

    private static long? FreeAt(string directory)
    {
        // It is made by the first write.
        while (!Directory.Exists(directory) && Path.GetDirectoryName(directory) is { } parent)
        {
            directory = parent;
        }

        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private sealed record Measured(long? Bytes, long At, TimeSpan Pause);
}
