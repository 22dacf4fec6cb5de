using System.IO.Compression;
using System.Text;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>Reads gzipped CSV (RFC 4180) with a header, as a stream.</summary>
internal static class Csv
{
    public static IEnumerable<Dictionary<string, string>> ReadGzipped(string path)
    {
        using var file = File.OpenRead(path);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped, Encoding.UTF8);
        var header = ReadRecord(reader) ?? [];
        while (ReadRecord(reader) is { } record)
        {
            if (record.Count == header.Count)
            {
                yield return header.Zip(record).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
            }
        }
    }

    private static List<string>? ReadRecord(TextReader reader)
    {
        if (reader.Peek() < 0)
        {
            return null;
        }

        List<string> fields = [];
        var field = new StringBuilder();
        var quoted = false;
        for (var c = reader.Read(); ; c = reader.Read())
        {
            if (c < 0 || (!quoted && c is '\n'))
            {
                fields.Add(field.ToString());
                return fields;
            }

            if (c == '"' && quoted && reader.Peek() == '"')
            {
                field.Append('"');
                reader.Read();
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else if (c != '\r' || quoted)
            {
                field.Append((char)c);
            }
        }
    }
}
