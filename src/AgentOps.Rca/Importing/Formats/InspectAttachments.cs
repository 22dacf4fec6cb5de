using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>Long texts of a sample, which its events name by their hash. Put back, they are bounded: a file may name one again and again.</summary>
internal sealed partial class InspectAttachments(JsonElement sample)
{
    private const string Scheme = "attachment://";
    private const int MostLength = 16 * 1024 * 1024;

    private readonly Dictionary<string, JsonElement> _attachments = TextsOf(ImportJson.Object(sample, "attachments"));

    // How much a whole sample may grow by what is put back.
    private long _left = 8L * MostLength;

    /// <summary>A value as JSON, with the texts that it names.</summary>
    public string Resolve(JsonElement value)
    {
        var raw = ImportJson.RawOf(value);
        if (_attachments.Count == 0 || !raw.Contains(Scheme, StringComparison.Ordinal))
        {
            return raw;
        }

        var resolved = new StringBuilder(raw.Length);
        var at = 0;
        foreach (Match match in Reference().Matches(raw))
        {
            resolved.Append(raw, at, match.Index - at);
            at = match.Index + match.Length;
            var text = _attachments.TryGetValue(match.Groups[1].Value, out var known) ? ImportJson.TextOf(known) : null;
            var quoted = text is null || text.Length > _left || resolved.Length + text.Length > MostLength ? match.Value : ImportJson.Quote(text);
            _left -= quoted.Length;
            resolved.Append(quoted);
        }

        return resolved.Append(raw, at, raw.Length - at).ToString();
    }

    private static Dictionary<string, JsonElement> TextsOf(JsonElement? attachments)
    {
        var texts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in attachments?.EnumerateObject() ?? default)
        {
            if (member.Value.ValueKind == JsonValueKind.String)
            {
                texts.TryAdd(ImportJson.NameOf(member), member.Value);
            }
        }

        return texts;
    }

    [GeneratedRegex("\"attachment://([0-9a-f]{8,64})\"", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
