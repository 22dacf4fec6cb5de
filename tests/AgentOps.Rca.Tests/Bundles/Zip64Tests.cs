using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Zip;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>Numbers beyond 32 bits, in files with holes: only what is not zero takes space.</summary>
[Collection(RunsAlone.Name)]
public sealed class Zip64Tests
{
    private const long Large = 0x1_0000_1000;

    [Fact]
    public async Task A_file_of_more_than_4_GiB_and_one_behind_it_are_found_by_another_reader()
    {
        var after = "after"u8.ToArray();
        var (large, small) = (
            new BundleFile("large.bin", Large, 0, default), new BundleFile("after.txt", after.Length, Crc32.HashToUInt32(after), ArtifactDigest.Of(after)));
        await using var archive = Open();
        await archive.WriteAsync(ZipFormat.LocalHeader(large));
        archive.Seek(Large, SeekOrigin.Current);
        var second = archive.Position;
        await archive.WriteAsync(ZipFormat.LocalHeader(small));
        await archive.WriteAsync(after);
        var directory = archive.Position;
        await archive.WriteAsync(ZipFormat.CentralRecord(large, 0));
        await archive.WriteAsync(ZipFormat.CentralRecord(small, second));
        await archive.WriteAsync(ZipFormat.End(2, directory, archive.Position - directory));

        Assert.Equal(archive.Length, ZipFormat.TotalLength([large, small]));
        archive.Position = 0;
        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        Assert.Equal([("large.bin", Large), ("after.txt", 5L)], zip.Entries.Select(entry => (entry.FullName, entry.Length)));
        using var content = new StreamReader(await zip.GetEntry("after.txt")!.OpenAsync());
        Assert.Equal("after", await content.ReadToEndAsync());
    }

    [Fact]
    public async Task More_than_65535_files_are_found_by_another_reader()
    {
        using var archive = new MemoryStream();
        var zip = new ZipWriter(archive);
        for (var i = 0; i < 70_000; i++)
        {
            await zip.WriteAsync(new BundleFile($"{i:d6}", 0, 0, ArtifactDigest.Empty), Stream.Null, default);
        }

        await zip.FinishAsync(default);
        archive.Position = 0;
        using var other = new ZipArchive(archive);
        Assert.Equal(70_000, other.Entries.Count);
    }

    [Fact]
    public async Task A_claim_of_4_GiB_that_is_true_is_read_in_constant_memory_and_a_false_one_ends_where_the_bytes_end()
    {
        if (!Testing.Trial.IsFull)
        {
            // The short form: only the header is there.
            await using var claimed = Open();
            await claimed.WriteAsync(ZipFormat.LocalHeader(new BundleFile(BundleNames.Incident, 1024, 0, default)));
            claimed.Position = 0;
            Assert.Equal("content of incident.json", (await new BundleReader(claimed).ReadAsync(default))?.Region);
            return;
        }

        // The sums of 4 GiB of zeros, without keeping them.
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var crc32 = new Crc32();
        var zeros = new byte[1 << 20];
        for (var left = Large; left > 0; left -= zeros.Length)
        {
            var part = zeros.AsSpan(0, (int)Math.Min(left, zeros.Length));
            sha256.AppendData(part);
            crc32.Append(part);
        }

        var digest = new ArtifactDigest(sha256.GetHashAndReset());
        var file = new BundleFile(BundleNames.OfArtifact(digest), Large, crc32.GetCurrentHashAsUInt32(), digest);
        await using var archive = Open();
        foreach (var name in new[] { BundleNames.Incident, BundleNames.Spans, BundleNames.ArtifactRows })
        {
            await archive.WriteAsync(ZipFormat.LocalHeader(new BundleFile(name, 0, 0, ArtifactDigest.Empty)));
        }

        await archive.WriteAsync(ZipFormat.LocalHeader(file));
        archive.SetLength(archive.Position + Large);
        archive.Position = 0;
        var before = GC.GetTotalAllocatedBytes();

        var fault = await new BundleReader(archive).ReadAsync(default);

        Assert.Equal($"header of the file after {file.Name}", fault?.Region);
        Assert.True(GC.GetTotalAllocatedBytes() - before < Large / 16);
    }

    private static FileStream Open() => new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096,
        FileOptions.DeleteOnClose | FileOptions.Asynchronous);
}
