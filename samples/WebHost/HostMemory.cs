using System.Runtime.InteropServices;

namespace AgentOps.Rca.WebHost;

/// <summary>
/// Gives memory back once heavy work is over. A collector and an allocator keep what they had at their peak until they are asked for more, which on a quiet host is never.
/// </summary>
internal sealed partial class HostMemory(TimeProvider timeProvider) : BackgroundService
{
    private const long Quiet = 4 * 1024 * 1024;
    private const long Worked = 128 * 1024 * 1024;
    private const int AfterPools = 8;
    private const int LargeBlocks = -3; // M_MMAP_THRESHOLD
    private const int Arenas = -8; // M_ARENA_MAX
    private const int LargeBlock = 1024 * 1024;

    private const int BytesOfConnection = 128 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Adds it, and lets connections whose requests wait hold little of what is sent meanwhile: there may be hundreds.</summary>
    public static void AddTo(WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(static options => options.Limits.MaxRequestBufferSize = BytesOfConnection);

        // The transport has a limit of its own, of 1 MiB, and it is the one that holds what a socket has received.
        builder.WebHost.UseSockets(static options => options.MaxReadBufferSize = BytesOfConnection);
        builder.Services.AddHostedService<HostMemory>();
    }

    /// <summary>Lets SQLite's large values come from the system and go back to it, and few threads have a heap of their own.</summary>
    public static void BoundNativeHeap()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(LargeBlocks, LargeBlock);
            _ = SetOption(Arenas, 2);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: others do so by themselves.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        var given = GC.GetTotalAllocatedBytes();
        var quiet = 0;
        for (var before = given; await timer.WaitForNextTickAsync(stoppingToken);)
        {
            var now = GC.GetTotalAllocatedBytes();
            quiet = now - before < Quiet && now - given > Worked ? quiet + 1 : 0;

            // Pools of arrays let go at a collection of what nobody has rented for half a minute.
            if (quiet is 1 or AfterPools)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                Trim();
                given = quiet == AfterPools ? now : given;
            }

            before = now;
        }
    }

    private static void Trim()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimHeap(nuint kept);
}
