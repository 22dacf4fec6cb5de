using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Which file it is, how long, and when it was last changed: as long as a file has the same stamp nobody has written to it through its file system. Unlike the time of
/// writing, the time of change cannot be set by whoever may write.
/// </summary>
/// <param name="Device">The file system.</param>
/// <param name="File">The file in it.</param>
/// <param name="Length">Its length.</param>
/// <param name="Changed">When its bytes or its attributes were last changed, in nanoseconds since 1970.</param>
internal readonly partial record struct FileStamp(ulong Device, ulong File, ulong Length, long Changed)
{
    private const int OfHandle = 0x1000; // AT_EMPTY_PATH
    private const uint Basics = 0x7ff; // STATX_BASIC_STATS

    /// <summary>The stamp of an open file; null where the platform does not tell it.</summary>
    /// <param name="file">The file.</param>
    public static FileStamp? Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return Ask(file, "", OfHandle, Basics, out var status) == 0 && (status.Known & Basics) == Basics
                ? new FileStamp(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.File, status.Length, (status.ChangedSeconds * 1_000_000_000) + status.ChangedNanoseconds)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            // An old libc.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Ask(SafeFileHandle file, string path, int flags, uint mask, out Status status);

    // struct statx: the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(0)]
        public uint Known;

        [FieldOffset(32)]
        public ulong File;

        [FieldOffset(40)]
        public ulong Length;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
