using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing.Patterns;

namespace AgentOps.Rca.AspNetCore.Page;

/// <summary>The files of the page, packed when this library was built, under a name that changes with any of them.</summary>
internal static class PageFiles
{
    /// <summary>The API's address for a page that is at its root.</summary>
    public const string BesideTheApi = "./";

    /// <summary>The folder of the files, relative to the page.</summary>
    public const string Folder = "page";

    private const string Prefix = "page/";
    private const int VersionLength = 16;

    private static readonly FrozenDictionary<string, byte[]> Packed = Read();

    /// <summary>A hash over all files: modules name each other by relative addresses, so that they are one version together.</summary>
    public static string Version { get; } = HashAll();

    // Modules name each other, and a browser that is told of all of them at once asks for them at once.
    private static readonly string Html = ReadText("page.html")
        .Replace("{modules}", string.Join("\n  ", Packed.Keys.Where(static name => name.EndsWith(".js", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(static name => $"<link rel=\"modulepreload\" href=\"{{assets}}{name}\">")), StringComparison.Ordinal)
        .Replace("{assets}", $"{Folder}/{Version}/", StringComparison.Ordinal);

    /// <summary>A file as it is sent, in gzip, or null.</summary>
    public static byte[]? Find(string name) => Packed.GetValueOrDefault(name);

    /// <summary>A file unpacked, for the few who take no gzip.</summary>
    public static byte[] Unpack(byte[] packed)
    {
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }

        return unpacked.ToArray();
    }

    /// <summary>The document itself.</summary>
    /// <param name="api">The API's address relative to the page, with a slash at its end.</param>
    public static byte[] WriteHtml(string api) => Encoding.UTF8.GetBytes(Html.Replace("{api}", api, StringComparison.Ordinal));

    /// <summary>The API's address as a page at another pattern of the same group names it.</summary>
    public static string ApiSeenFrom(string page, string api)
    {
        var up = RoutePatternFactory.Parse(page).PathSegments.Count;
        var path = string.Join('/', api.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.EscapeDataString));
        var seen = string.Concat(Enumerable.Repeat("../", up)) + (path.Length == 0 ? "" : $"{path}/");
        return seen.Length == 0 ? BesideTheApi : seen;
    }

    private static FrozenDictionary<string, byte[]> Read()
    {
        var assembly = typeof(PageFiles).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], ReadBytes, StringComparer.Ordinal);
    }

    private static string HashAll()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in Packed.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..VersionLength];
    }

    private static string ReadText(string name) => Encoding.UTF8.GetString(ReadBytes(name));

    private static byte[] ReadBytes(string name)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
