using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Reads the patterns of events. A place in the source (<c>Orders#42</c>, <c>orders.py:42</c>) is the best name a log statement has;
/// without one, the first words stand for it, with every word that holds a digit masked.
/// </summary>
internal sealed class EventPatterns
{
    private const int MostWords = 12;
    private const int HeadWords = 5;
    private static readonly string[] Levels = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"];

    private readonly Dictionary<string, EventPattern> _patterns = new(StringComparer.Ordinal);
    private readonly TextPool _services = new();

    public string? ServiceOf(JsonElement attributes) =>
        attributes.ValueKind == JsonValueKind.Object ? NameOf(attributes, "service.name"u8) ?? NameOf(attributes, "service"u8) : null;

    private string? NameOf(JsonElement attributes, ReadOnlySpan<byte> member)
    {
        if (!attributes.TryGetProperty(member, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        return raw.IsEmpty ? null : Ascii.IsValid(raw) && !raw.Contains((byte)'\\') ? _services.Of(raw) : _services.Of(value.GetString()!);
    }

    /// <summary>The name of the process that sent the span (<c>service.name</c> of its resource), or null.</summary>
    public string? SenderOf(JsonElement attributes) =>
        attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty("resource"u8, out var resource) ? ServiceOf(resource) : null;

    /// <summary>The patterns of a span's events, each once; with the time at which each was first reported, when that is asked for.</summary>
    public IReadOnlyList<EventPattern> Read(JsonElement attributes, long startNs, bool withTimes, out long[]? times)
    {
        times = null;
        if (attributes.ValueKind != JsonValueKind.Object || !attributes.TryGetProperty("events"u8, out var events)
            || events.ValueKind != JsonValueKind.Array || events.GetArrayLength() == 0)
        {
            return [];
        }

        var seen = new HashSet<EventPattern>(ReferenceEqualityComparer.Instance);
        List<EventPattern> found = [];
        List<long> foundAt = [];
        var at = startNs;
        foreach (var item in events.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            // One that names no time was reported after the one before it.
            at = withTimes && item.TryGetProperty("time", out var time) ? EventTime.Read(time) ?? at : at;
            if (PatternOf(item.TextOf("message") ?? item.TextOf("name") ?? "", item.TextOf("severity"), item.TextOf("name")) is var pattern && seen.Add(pattern))
            {
                found.Add(pattern);
                foundAt.Add(at);
            }
        }

        times = withTimes ? [.. foundAt] : null;
        return found.ToArray();
    }

    private EventPattern PatternOf(string message, string? severity, string? name)
    {
        var words = message.Split(' ', MostWords + 1, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var level = severity?.ToUpperInvariant() ?? words.Take(HeadWords).FirstOrDefault(word => Array.IndexOf(Levels, word) >= 0) ?? "";
        var place = words.Take(HeadWords).FirstOrDefault(IsPlace);
        var text = place is not null ? $"{level} {place}" : $"{level} {string.Join(' ', words.Take(MostWords).Select(Mask))}";
        if (!_patterns.TryGetValue(text, out var known))
        {
            _patterns.Add(text, known = new EventPattern(text, name == "exception" || level is "ERROR" or "FATAL" or "CRITICAL" or "ERR"));
        }

        return known;
    }

    // A name, then '#' or ':', then only digits: how loggers write a file or class and a line.
    private static bool IsPlace(string word)
    {
        var mark = word.LastIndexOfAny(['#', ':']);
        return mark > 0 && mark < word.Length - 1 && !char.IsAsciiDigit(word[0]) && !word.AsSpan(mark + 1).ContainsAnyExceptInRange('0', '9');
    }

    private static string Mask(string word)
    {
        var masked = new StringBuilder(word.Length);
        var start = 0;
        for (var i = 0; i <= word.Length; i++)
        {
            if (i < word.Length && (char.IsLetterOrDigit(word[i]) || word[i] is '-' or '_' or '.'))
            {
                continue;
            }

            var part = word.AsSpan(start, i - start);
            masked.Append(part.ContainsAnyInRange('0', '9') ? "*" : part);
            if (i < word.Length)
            {
                masked.Append(word[i]);
            }

            start = i + 1;
        }

        return masked.ToString();
    }
}
