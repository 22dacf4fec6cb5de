using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>Takes a bundle apart and packs other archives of the same kind, with consistent headers, to see whether they are noticed.</summary>
internal static class ZipSurgeon
{
    /// <summary>The files of a bundle, read without the code under test.</summary>
    public static List<(string Name, byte[] Content)> Unpack(byte[] bundle)
    {
        List<(string, byte[])> files = [];
        for (var at = 0; BinaryPrimitives.ReadUInt32LittleEndian(bundle.AsSpan(at)) == 0x04034b50;)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(bundle.AsSpan(at + 22));
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bundle.AsSpan(at + 26));
            files.Add((Encoding.ASCII.GetString(bundle, at + 30, nameLength), bundle[(at + 30 + nameLength)..(at + 30 + nameLength + size)]));
            at += 30 + nameLength + size;
        }

        return files;
    }

    /// <summary>An archive of these files in the one form: only what the files are can give it away.</summary>
    public static async Task<byte[]> PackAsync(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var bundle = new MemoryStream();
        var zip = new ZipWriter(bundle);
        foreach (var (name, content) in files)
        {
            var file = new BundleFile(name, content.Length, Crc32.HashToUInt32(content), ArtifactDigest.Of(content));
            using var stream = new MemoryStream(content);
            await zip.WriteAsync(file, stream, default);
        }

        await zip.FinishAsync(default);
        return bundle.ToArray();
    }
}
