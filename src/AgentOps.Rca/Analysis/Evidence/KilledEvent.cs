using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>An event on a failed span that says why its process ended: what a process that is killed cannot say itself.</summary>
/// <param name="Name">What the event is called.</param>
/// <param name="Text">Its words.</param>
/// <param name="Pointer">Where it stands in the span.</param>
/// <param name="IsMemory">Whether the memory ran out.</param>
internal sealed partial record KilledEvent(string Name, string Text, string Pointer, bool IsMemory)
{
    public static async ValueTask<KilledEvent?> FindAsync(RcaCase rcaCase, SpanNode node, CancellationToken cancellationToken)
    {
        if (await rcaCase.ReadSpan(node.SpanId, cancellationToken).ConfigureAwait(false) is not { } span
            || span.Attributes.ValueKind != JsonValueKind.Object || !span.Attributes.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var index = -1;
        foreach (var item in events.EnumerateArray())
        {
            index++;
            if (item.ValueKind != JsonValueKind.Object || item.TextOf("name") is not { Length: > 0 } name || name == "exception")
            {
                continue;
            }

            var members = item.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object ? attributes : item;
            var texts = members.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).Select(static member => member.Value.GetString()!).Where(static text => Killed().IsMatch(text)).ToList();
            if (texts.MaxBy(static text => text.Length) is { } words)
            {
                return new KilledEvent(name, words, Words.Invariant($"/attributes/events/{index}"), texts.Exists(static text => Memory().IsMatch(text)));
            }
        }

        return null;
    }

    [GeneratedRegex(@"\bOOM[ _-]?Kill|\bout[ _-]of[ _-]memory\b|\bmemory limit\b|\bevicted\b|\bpreempted\b|\bwas killed\b|\bno space left\b|\bdisk pressure\b|\bliveness probe failed\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Killed();

    [GeneratedRegex(@"\bOOM[ _-]?Kill|\bout[ _-]of[ _-]memory\b|\bmemory limit\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Memory();
}
