using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using AgentOps.Rca.Bundles.Streams;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>Unpacks a file: gzip and zip, around each other too, within bounds. Gives each content that lies in it.</summary>
/// <param name="file">The file, which can seek.</param>
/// <param name="most">How many bytes all contents may have together.</param>
/// <param name="leftOut">Told of what cannot be unpacked.</param>
internal sealed class ImportSources(Stream file, long most, Action<string, FilePlace> leftOut) : IDisposable
{
    private const int EndRecord = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int MostDirectoryBytes = 16 * 1024 * 1024;

    private readonly Section _file = new(file, file.Position, file.Length - file.Position);
    private long _unpacked;

    public void Dispose() => _file.Dispose();

    /// <summary>The contents, in the order of their names. Each is valid until the next one is asked for.</summary>
    /// <exception cref="ImportTooLargeException">There is more in it than is taken.</exception>
    public IAsyncEnumerable<ImportContent> ReadAsync(CancellationToken cancellationToken) =>
        UnpackAsync(OpenFile, _file.Length, member: null, packings: 0, cancellationToken);

    // Each reading has a place of its own: a reader may look at the whole while it is within it.
    private Section OpenFile() => new(_file, 0, _file.Length);

    private async IAsyncEnumerable<ImportContent> UnpackAsync(
        Func<Stream> open, long length, string? member, int packings, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (packing, shape) = await LookAsync(open, member, cancellationToken).ConfigureAwait(false);
        if (packing == Packing.Gzip)
        {
            RequireDepth(packings);
            await foreach (var content in UnpackAsync(() => Bounded(new GZipStream(open(), CompressionMode.Decompress), length), length, member, packings + 1, cancellationToken).ConfigureAwait(false))
            {
                yield return content;
            }
        }
        else if (packing == Packing.Zip)
        {
            RequireDepth(packings);
            if (packings > 0)
            {
                throw new ImportTooLargeException($"The file {member ?? "in it"} is an archive within a packing; unpack it first.");
            }

            await foreach (var content in OpenZipAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return content;
            }
        }
        else
        {
            var counted = 0L;
            var contents = new ImportContent(
                () => new BoundedStream(open(), most - _unpacked, packed: null, count => counted = Math.Max(counted, count)),
                member,
                shape);
            yield return contents;
            _unpacked += counted;
        }
    }

    private async IAsyncEnumerable<ImportContent> OpenZipAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireDirectory();
        using var archive = OpenArchive();
        if (archive is null)
        {
            yield break;
        }

        if (archive.Entries.Count > ImportLimits.Members)
        {
            throw new ImportTooLargeException($"The archive holds more than {ImportLimits.Members} files.");
        }

        foreach (var entry in archive.Entries.Where(static entry => entry.Name.Length > 0).OrderBy(static entry => entry.FullName, StringComparer.Ordinal))
        {
            if (entry.IsEncrypted)
            {
                leftOut("A file of the archive is encrypted.", new FilePlace(0, 0, null, entry.FullName));
                continue;
            }

            await foreach (var content in UnpackAsync(() => Bounded(entry.Open(), entry.CompressedLength), entry.CompressedLength, entry.FullName, 1, cancellationToken).ConfigureAwait(false))
            {
                yield return content;
            }
        }
    }

    private ZipArchive? OpenArchive()
    {
        try
        {
            var archive = new ZipArchive(OpenFile(), ZipArchiveMode.Read);
            _ = archive.Entries.Count;
            return archive;
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException or IOException)
        {
            leftOut("The archive is damaged.", default);
            return null;
        }
    }

    // The framework holds the whole directory of an archive in memory, however many files it names; so its size is looked at first.
    private void RequireDirectory()
    {
        var tail = new byte[(int)Math.Min(_file.Length, EndRecord + LongestComment)];
        _file.Position = _file.Length - tail.Length;
        _file.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndRecord)
        {
            return;
        }

        long start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        const int locator = 20;
        if (start == uint.MaxValue && end >= locator && tail.AsSpan(end - locator).StartsWith("PK\u0006\u0007"u8))
        {
            var record = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(end - locator + 8));
            var large = new byte[56];
            if (record < 0 || record > _file.Length - large.Length)
            {
                return;
            }

            _file.Position = record;
            _file.ReadExactly(large);
            start = BinaryPrimitives.ReadInt64LittleEndian(large.AsSpan(48));
        }

        var directory = _file.Length - tail.Length + end - start;
        if (directory > MostDirectoryBytes)
        {
            throw new ImportTooLargeException(string.Create(CultureInfo.InvariantCulture, $"The directory of the archive has {directory} bytes; at most {MostDirectoryBytes} are read."));
        }
    }

    private BoundedStream Bounded(Stream stream, long packed) => new(stream, most - _unpacked, packed);

    private static void RequireDepth(int packings)
    {
        if (packings >= ImportLimits.Packings)
        {
            throw new ImportTooLargeException($"The content is packed more than {ImportLimits.Packings} times.");
        }
    }

    private async ValueTask<(Packing Packing, FileShape Shape)> LookAsync(Func<Stream> open, string? member, CancellationToken cancellationToken)
    {
        var head = ArrayPool<byte>.Shared.Rent(ImportLimits.HeadBytes);
        try
        {
            var stream = open();
            await using var streamDisposal = stream.ConfigureAwait(false);
            var read = await stream.ReadAtLeastAsync(head, ImportLimits.HeadBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return LookAt(head.AsSpan(0, read), isWhole: read < ImportLimits.HeadBytes);
        }
        catch (InvalidDataException)
        {
            leftOut("A packed file is damaged.", new FilePlace(0, 0, null, member));
            return LookAt([], isWhole: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    private static (Packing Packing, FileShape Shape) LookAt(ReadOnlySpan<byte> head, bool isWhole)
    {
        var packing = head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? Packing.Gzip
            : head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8) ? Packing.Zip : Packing.None;
        return (packing, FileShape.Of(packing == Packing.None ? head : [], isWhole));
    }

    private enum Packing
    {
        None,
        Gzip,
        Zip,
    }
}
