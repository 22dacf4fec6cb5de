using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// The calls that make files durable. .NET's own flush to disk drops the error of fsync, and it has no fsync of a directory, so on
/// Unix these go to libc and report its errors. On Windows FlushFileBuffers is used through .NET and directories need no flush.
/// </summary>
internal static partial class DurableFileSystem
{
    private const int InterruptedCall = 4; // EINTR
    private const int NoSuchFile = 2; // ENOENT
    private const int AccessDenied = 13; // EACCES
    private const int NameTaken = 17; // EEXIST
    private const int InvalidArgument = 22; // EINVAL
    private const int FullSync = 51; // F_FULLFSYNC
    private const uint StartOnly = 2; // SYNC_FILE_RANGE_WRITE

    /// <summary>Waits until the file's bytes are on the disk.</summary>
    /// <exception cref="IOException">The disk did not take them.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        // On macOS fsync stops at the drive's cache; file systems that do not know the stronger call fall back to fsync.
        if (OperatingSystem.IsMacOS() && Retry(() => FileControl(file, FullSync)) == 0)
        {
            return;
        }

        if (Retry(() => FileSync(file)) is not 0 and var error)
        {
            throw Failure("flushed", error);
        }
    }

    /// <summary>Waits until the names in a directory are on the disk. A file system without such a call is trusted.</summary>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read.</exception>
    /// <exception cref="IOException">The disk did not take them.</exception>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var closeOnExecute = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;
        var descriptor = -1;
        if (Retry(() => descriptor = Open(path, closeOnExecute)) is not 0 and var openError)
        {
            throw openError == AccessDenied
                ? new UnauthorizedAccessException($"The directory could not be opened: {Describe(openError)}.")
                : Failure("opened", openError);
        }

        using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Retry(() => FileSync(directory)) is not (0 or InvalidArgument) and var error)
        {
            throw Failure("flushed", error);
        }
    }

    /// <summary>Moves a file over another one of the same file system, atomically.</summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    public static void Replace(string source, string destination)
    {
        // File.Move would fall back to copying, which is neither atomic nor durable.
        if (OperatingSystem.IsWindows())
        {
            File.Move(source, destination, overwrite: true);
        }
        else if (Retry(() => Rename(source, destination)) is not 0 and var error)
        {
            throw Failure("moved into place", error);
        }
    }

    /// <summary>Moves a file to a name of the same file system, atomically, unless the file is gone.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="IOException">It could not be moved.</exception>
    public static bool TryMove(string source, string destination)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(source, destination);
                return true;
            }
            catch (FileNotFoundException)
            {
                return false;
            }
        }

        return Retry(() => Rename(source, destination)) switch
        {
            0 => true,
            NoSuchFile => false,
            var error => throw Failure("moved", error),
        };
    }

    /// <summary>
    /// Moves a file to a name of the same file system, durably, unless the name is taken: then the file goes. Nothing happens when the
    /// file is gone already.
    /// </summary>
    /// <exception cref="IOException">It could not be moved, and is where it was.</exception>
    public static void MoveUnlessTaken(string source, string destination)
    {
        if (!File.Exists(source))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            if (!File.Exists(destination))
            {
                File.Move(source, destination);
                return;
            }
        }
        else if (!File.Exists(destination) && Retry(() => Link(source, destination)) is not (0 or NameTaken) and var error)
        {
            if (error == NoSuchFile && !File.Exists(source))
            {
                return;
            }

            // A second name, unlike a rename, cannot replace what a writer has put there in this moment.
            throw Failure("moved back into place", error);
        }

        FlushDirectory(Path.GetDirectoryName(destination)!);
        File.Delete(source);
    }

    /// <summary>Lets the disk begin with a part of a file while the rest still arrives. A hint: its result says nothing.</summary>
    public static void StartWriteback(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, length, StartOnly);
        }
    }

    private static int Retry(Func<int> call)
    {
        while (true)
        {
            if (call() >= 0)
            {
                return 0;
            }

            if (Marshal.GetLastPInvokeError() is not InterruptedCall and var error)
            {
                return error;
            }
        }
    }

    private static IOException Failure(string action, int error) => new($"It could not be {action}: {Describe(error)}.");

    private static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string source, string destination);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string destination);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
