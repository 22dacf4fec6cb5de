using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>
/// Reads a bundle front to back and accepts one form only: each header must be the one that the writer makes of the file's name, size and
/// sum, each file must be allowed at its place, and the central directory must be the one that follows from them. So nothing can hide in
/// a comment, a gap, an extra field, or between directory and content. It stops at the first byte that is otherwise, before it reads on.
/// </summary>
internal sealed class BundleReader(Stream source)
{
    private const int MostDocument = 64 * 1024 * 1024;
    private const int MostKey = 4 * 1024;
    private const int Zip64ExtraSize = 20;
    private const int BufferSize = 64 * 1024;

    private readonly List<BundleEntry> _entries = [];
    private readonly byte[] _header = new byte[ZipFormat.LocalHeaderSize + BundleNames.Longest + Zip64ExtraSize];
    private long _offset;

    /// <summary>The files that were read.</summary>
    public IReadOnlyList<BundleEntry> Entries => _entries;

    /// <summary>Whether the source does not even begin as a bundle does. Valid after a fault.</summary>
    public bool IsNoBundle { get; private set; }

    /// <summary>Reads all of it.</summary>
    /// <returns>The first fault, or null.</returns>
    public async ValueTask<BundleFault?> ReadAsync(CancellationToken cancellationToken)
    {
        while (_entries is not [.., { File.Name: BundleNames.PublicKey }])
        {
            if (await ReadEntryAsync(cancellationToken).ConfigureAwait(false) is { } fault)
            {
                return fault;
            }
        }

        return await ReadDirectoryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<BundleFault?> ReadEntryAsync(CancellationToken cancellationToken)
    {
        var start = _offset;
        var region = _entries.Count == 0
            ? $"header of {BundleNames.Incident}"
            : $"header of the file after {_entries[^1].File.Name}";
        var (file, fault) = await ReadHeaderAsync(region, cancellationToken).ConfigureAwait(false);
        if (fault is not null)
        {
            IsNoBundle = _entries.Count == 0 && _offset == 0;
            return fault;
        }

        var contentOffset = _offset;
        var (crc32, sha256, length) = await ReadContentAsync(file.Length, cancellationToken).ConfigureAwait(false);
        region = $"content of {file.Name}";
        if (length != file.Length)
        {
            return new BundleFault(region, "The archive ends within this file.");
        }

        if (crc32 != file.Crc32)
        {
            return new BundleFault(region, "The content does not have the CRC-32 that its header names.");
        }

        if (BundleOrder.ArtifactOf(file.Name) is { } named && named != sha256)
        {
            return new BundleFault(region, $"The content has the SHA-256 {sha256}, not the one it is named by.");
        }

        _entries.Add(new BundleEntry(file with { Sha256 = sha256 }, start, contentOffset));
        return null;
    }

    private async ValueTask<(BundleFile File, BundleFault? Fault)> ReadHeaderAsync(string region, CancellationToken cancellationToken)
    {
        var fixedPart = _header.AsMemory(0, ZipFormat.LocalHeaderSize);
        var read = await source.ReadAtLeastAsync(fixedPart, fixedPart.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < fixedPart.Length)
        {
            return (default, new BundleFault(region, "The archive ends here."));
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(fixedPart.Span) != ZipFormat.LocalSignature)
        {
            return (default, new BundleFault(region, "There is no header of a file."));
        }

        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart.Span[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart.Span[28..]);
        if (nameLength > BundleNames.Longest || extraLength is not (0 or Zip64ExtraSize))
        {
            return (default, new BundleFault(region, "Its name or its extra field has another length than a bundle's."));
        }

        var rest = _header.AsMemory(ZipFormat.LocalHeaderSize, nameLength + extraLength);
        if (await source.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < rest.Length)
        {
            return (default, new BundleFault(region, "The archive ends here."));
        }

        var name = Encoding.Latin1.GetString(rest.Span[..nameLength]);
        if (!BundleOrder.MayFollow(_entries.Count == 0 ? null : _entries[^1].File.Name, name))
        {
            return (default, new BundleFault(region, "A bundle has another file here."));
        }

        var length = extraLength == 0
            ? BinaryPrimitives.ReadUInt32LittleEndian(fixedPart.Span[22..])
            : BinaryPrimitives.ReadInt64LittleEndian(rest.Span[(nameLength + 4)..]);
        var file = new BundleFile(name, length, BinaryPrimitives.ReadUInt32LittleEndian(fixedPart.Span[14..]), default);
        if (length < 0 || !ZipFormat.LocalHeader(file).AsSpan().SequenceEqual(_header.AsSpan(0, fixedPart.Length + rest.Length)))
        {
            return (default, new BundleFault($"header of {name}", "The header is not the one that a bundle has for this name, size and sum."));
        }

        if (length > MostBytes(name))
        {
            return (default, new BundleFault($"header of {name}", "The file is larger than a bundle's."));
        }

        _offset += fixedPart.Length + rest.Length;
        return (file, null);
    }

    private async ValueTask<(uint Crc32, ArtifactDigest Sha256, long Length)> ReadContentAsync(long length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length, 1, BufferSize));
        try
        {
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var crc32 = new Crc32();
            var left = length;
            while (left > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                sha256.AppendData(buffer.AsSpan(0, read));
                crc32.Append(buffer.AsSpan(0, read));
                left -= read;
            }

            _offset += length - left;
            return (crc32.GetCurrentHashAsUInt32(), new ArtifactDigest(sha256.GetHashAndReset()), length - left);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<BundleFault?> ReadDirectoryAsync(CancellationToken cancellationToken)
    {
        long size = 0;
        foreach (var entry in _entries)
        {
            var record = ZipFormat.CentralRecord(entry.File, entry.HeaderOffset);
            size += record.Length;
            if (!await MatchesAsync(record, cancellationToken).ConfigureAwait(false))
            {
                return new BundleFault(
                    $"central directory record of {entry.File.Name}", "The record is not the one that follows from the file's header.");
            }
        }

        var end = ZipFormat.End(_entries.Count, _offset, size);
        if (!await MatchesAsync(end, cancellationToken).ConfigureAwait(false))
        {
            return new BundleFault("end of the central directory", "It is not the one that follows from the files.");
        }

        return await source.ReadAsync(_header.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) == 0
            ? null
            : new BundleFault("after the end of the archive", "There are bytes after it.");
    }

    private async ValueTask<bool> MatchesAsync(byte[] expected, CancellationToken cancellationToken)
    {
        var actual = ArrayPool<byte>.Shared.Rent(expected.Length);
        try
        {
            var read = await source.ReadAtLeastAsync(
                actual.AsMemory(0, expected.Length), expected.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return read == expected.Length && actual.AsSpan(0, read).SequenceEqual(expected);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(actual);
        }
    }

    // What is taken into memory whole is bounded by its claim already; the others are streamed.
    private static long MostBytes(string name) => name switch
    {
        BundleNames.Signature => EcdsaSignature.MostBytes,
        BundleNames.PublicKey => MostKey,
        BundleNames.Incident or BundleNames.Report or BundleNames.Replay => MostDocument,
        _ => long.MaxValue,
    };
}
