using System.Runtime.InteropServices;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>A signing key in a file that only its owner can read. Several processes may come to it at once; one of them makes the key.</summary>
internal static partial class SigningKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static SigningKey LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Create(path);
        }

        return Load(path);
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="InvalidOperationException">Others can read it, or it is no key.</exception>
    public static SigningKey Load(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
            {
                throw new InvalidOperationException(
                    $"The signing key '{path}' can be used by other users than its owner (mode {Convert.ToString((int)mode, 8)}). "
                    + $"Run: chmod 600 '{path}'. If others may have read it, replace it.");
            }
        }

        if (FindOpenDirectory(path) is { } open)
        {
            throw new InvalidOperationException(
                $"Other users may put another signing key in the place of '{path}': its directory can be written by them. Run: chmod go-w '{open}'.");
        }

        try
        {
            return SigningKey.Parse(File.ReadAllText(path));
        }
        catch (FormatException failure)
        {
            throw new InvalidOperationException($"The file '{path}' holds no signing key: {failure.Message}", failure);
        }
    }

    // Where the sticky bit is set, only owners may replace their files.
    private static string? FindOpenDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var mode = File.GetUnixFileMode(directory);
        return (mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0 && !mode.HasFlag(UnixFileMode.StickyBit) ? directory : null;
    }

    private static void Create(string path)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        var draft = Path.Combine(directory, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            using var key = SigningKey.Generate();
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPem()));
                file.Flush();
                DurableFileSystem.Flush(file.SafeFileHandle);
            }

            Publish(draft, path);
            DurableFileSystem.FlushDirectory(directory);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    // A rename would replace the key of another process that was faster; a link does not.
    private static void Publish(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster; its key counts.
            }
        }
        else if (Link(draft, path) != 0 && !File.Exists(path))
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"The signing key '{path}' could not be created: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
