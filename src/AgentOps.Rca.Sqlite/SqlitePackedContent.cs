using System.IO.Compression;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// Small content as it lies in the file: packed with Brotli where that saves a quarter. The digest stays that of the content, and is checked against what was unpacked.
/// </summary>
internal static class SqlitePackedContent
{
    private const int WorthIt = 1_024;
    private const int Quality = 2;
    private const int Window = 16;

    /// <summary>Packs content.</summary>
    /// <returns>What to store, and how many bytes it was; no number where it is stored as it is.</returns>
    public static (byte[] Data, long? Unpacked) Pack(byte[] content)
    {
        if (content.Length < WorthIt)
        {
            return (content, null);
        }

        var packed = new byte[content.Length / 4 * 3];
        return BrotliEncoder.TryCompress(content, packed, out var length, Quality, Window) ? (packed[..length], content.Length) : (content, null);
    }

    /// <summary>Unpacks what is stored. What cannot be unpacked to its length was changed in the file: it is given as it is, and is not what its digest says.</summary>
    /// <param name="data">What is stored.</param>
    /// <param name="unpacked">How many bytes it was.</param>
    /// <param name="most">How many it can have been.</param>
    public static byte[] Unpack(byte[] data, long? unpacked, int most)
    {
        if (unpacked is not { } length || length < 0 || length > most)
        {
            return data;
        }

        var content = new byte[length];
        return BrotliDecoder.TryDecompress(data, content, out var written) && written == length ? content : data;
    }
}
