using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Zip;

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

    /// <summary>The parts of a bundle in their order, each with the names of the regions that a change in it may be said to be in.</summary>
    public static List<(int Offset, string Name, string[] Regions)> PartsOf(byte[] bundle)
    {
        List<(int Offset, string Name, string[] Regions)> parts = [];
        string? previous = null;
        var at = 0;
        foreach (var (name, content) in Unpack(bundle))
        {
            // A sum or a digest that is changed in the header is that of other content.
            var other = name.StartsWith(BundleNames.ArtifactPrefix, StringComparison.Ordinal) ? $"content of {BundleNames.ArtifactPrefix}" : $"content of {name}";
            parts.Add((at, $"header of {name}", [$"header of {name}", previous is null ? "header of incident.json" : $"header of the file after {previous}", other]));
            at += 30 + name.Length;
            parts.Add((at, $"content of {name}", [$"content of {name}"]));
            at += content.Length;
            previous = name;
        }

        foreach (var (name, _) in Unpack(bundle))
        {
            parts.Add((at, $"central directory record of {name}", [$"central directory record of {name}"]));
            at += 46 + name.Length;
        }

        parts.Add((at, "end of the central directory", ["end of the central directory"]));
        return parts;
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
