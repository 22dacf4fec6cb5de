using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Hosting;

/// <summary>Prints a run for a person who works on an engine: the report, and each span with its attributes and contents, shortened.</summary>
internal static class RunPrinter
{
    private const int LongestText = 1_500;
    private const int MostBytes = 8 * 1024 * 1024;
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task PrintAsync(TextWriter output, EvalHost host, AnalysedRun analysed, string head)
    {
        await output.WriteLineAsync(head);
        await output.WriteLineAsync(Indent(RcaJson.ToUtf8(analysed.Report)));
        var children = analysed.Spans.OrderBy(span => span.StartTs).ThenBy(span => span.SpanId, StringComparer.Ordinal).ToLookup(span => span.ParentId);
        var known = analysed.Spans.Select(span => span.SpanId).ToHashSet();
        var waiting = new Stack<(Span Span, int Depth)>(
            analysed.Spans.Where(span => span.ParentId is null || !known.Contains(span.ParentId))
                .OrderByDescending(span => span.StartTs).ThenByDescending(span => span.SpanId, StringComparer.Ordinal).Select(span => (span, 0)));
        while (waiting.TryPop(out var next))
        {
            await PrintAsync(output, host, next.Span, new string(' ', 2 * next.Depth));
            foreach (var child in children[next.Span.SpanId].Reverse())
            {
                waiting.Push((child, next.Depth + 1));
            }
        }
    }

    private static async Task PrintAsync(TextWriter output, EvalHost host, Span span, string margin)
    {
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{margin}{span.SpanId} < {span.ParentId ?? "-"}  {span.Tool}  {(span.EndTs - span.StartTs) / 1e6:0.###} ms"));
        await output.WriteLineAsync($"{margin}    attributes {Shorten(span.Attributes.GetRawText())}");
        await PrintAsync(output, host, $"{margin}    arguments ", span.ArgsDigest);
        await PrintAsync(output, host, $"{margin}    result    ", span.ResultDigest);
    }

    private static async Task PrintAsync(TextWriter output, EvalHost host, string label, string? digest)
    {
        if (ArtifactDigest.TryParse(digest, out var known))
        {
            var read = await host.Artifacts.ReadAllVerifiedAsync(known, MostBytes);
            await output.WriteLineAsync(label + (read.IsIntact ? Shorten(Encoding.UTF8.GetString(read.Content.Span)) : "(cannot be read)"));
        }
    }

    // The middle is what repeats itself: the end of a conversation is what a call adds to it.
    private static string Shorten(string text) => text.Length <= LongestText ? text
        : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, LongestText / 2)} […{text.Length - LongestText}…] {text.AsSpan(text.Length - (LongestText / 2))}");

    private static string Indent(ReadOnlyMemory<byte> json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            using var document = JsonDocument.Parse(json);
            document.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
