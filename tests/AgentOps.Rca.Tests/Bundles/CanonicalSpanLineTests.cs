using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Spans;
using CsCheck;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>A line is read without being parsed, and says the same as when it is.</summary>
public sealed class CanonicalSpanLineTests
{
    // What a line has between its members, and what must be escaped.
    private static readonly string[] Pieces =
        [",\"tool\":", "\",\"tool\":\"", "\"", "\\", "\\\"", "}", "{\"args_digest\":", ",\"attributes\":", ",\"end_ts\":1", "\u0001", "\n", "é", "𝒳", "null", "a", "/"];

    private static readonly Gen<string> Texts = Gen.Int[0, Pieces.Length - 1].Array[0, 6].Select(places => string.Concat(places.Select(place => Pieces[place])));

    private static readonly Gen<JsonElement> Attributes = Gen.Select(Texts, Texts).Array[0, 4].Select(members =>
    {
        var attributes = new JsonObject();
        foreach (var (name, value) in members)
        {
            attributes[name] = new JsonObject { ["attributes"] = value, ["tool"] = new JsonArray(value, null, 1) };
        }

        return JsonSerializer.SerializeToElement(attributes);
    });

    private static readonly Gen<Span> Spans = Gen.Select(Texts, Texts, Texts, Texts, Gen.Long, Gen.Int[0, 15], Attributes).Select((id, tool, parent, digest, time, known, attributes) => new Span
    {
        SpanId = id,
        Tool = tool,
        StartTs = time,
        EndTs = unchecked(time * 31),
        ParentId = (known & 1) == 0 ? null : parent,
        ArgsDigest = (known & 2) == 0 ? null : digest,
        ResultDigest = (known & 4) == 0 ? null : parent,
        IncidentId = (known & 8) == 0 ? null : digest,
        Attributes = attributes,
    });

    [Fact]
    public void A_line_says_as_a_row_what_it_says_as_a_record() => Spans.Sample(span =>
    {
        var buffer = new ArrayBufferWriter<byte>();
        SpanJson.WriteCanonical(span, buffer);
        var record = BundleLines.ReadCanonicalSpan(buffer.WrittenMemory)!;

        var row = CanonicalSpanLine.Read(buffer.WrittenSpan, new byte[buffer.WrittenCount], withAttributes: true);
        Assert.Equal(record.SpanId, Encoding.UTF8.GetString(row.SpanId));
        Assert.Equal(record.Tool, Encoding.UTF8.GetString(row.Tool));
        Assert.Equal((record.StartTs, record.EndTs), (row.StartTs, row.EndTs));
        Assert.Equal(record.ParentId, row.HasParent ? Encoding.UTF8.GetString(row.ParentId) : null);
        Assert.Equal(record.ArgsDigest, row.HasArgs ? Encoding.UTF8.GetString(row.ArgsDigest) : null);
        Assert.Equal(record.ResultDigest, row.HasResult ? Encoding.UTF8.GetString(row.ResultDigest) : null);
        Assert.Equal(record.Attributes.GetRawText(), Encoding.UTF8.GetString(row.Attributes));

        var again = new ArrayBufferWriter<byte>();
        SpanJson.WriteCanonical(row, span.IncidentId, record.Attributes, again);
        Assert.True(again.WrittenSpan.SequenceEqual(buffer.WrittenSpan));
        Assert.True(CanonicalSpanLine.Read(buffer.WrittenSpan, new byte[buffer.WrittenCount], withAttributes: false).Attributes.IsEmpty);
    });

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"args_digest":null,"attributes":{},"end_ts":1,"incident_id":null,"parent_id":null,"result_digest":null,"span_id":"a","start_ts":1}""")]
    [InlineData("""{"args_digest":null,"attributes":{},"end_ts":1,"incident_id":null,"parent_id":null,"result_digest":null,"span_id":1,"start_ts":1,"tool":"a"}""")]
    [InlineData("""{"args_digest":null,"attributes":{},"end_ts":1.5,"incident_id":null,"parent_id":null,"result_digest":null,"span_id":"a","start_ts":1,"tool":"a"}""")]
    public void What_is_no_such_line_is_refused(string line) => Assert.Throws<InvalidDataException>(() =>
    {
        CanonicalSpanLine.Read(Encoding.UTF8.GetBytes(line), new byte[line.Length], withAttributes: true);
    });
}
