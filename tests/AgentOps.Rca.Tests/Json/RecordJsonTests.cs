using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Json;

public sealed class RecordJsonTests
{
    private static readonly byte[] Tail = Encoding.UTF8.GetBytes(""","resource":{"service.name":"orders"}}""");

    private static readonly byte[] Utf8 = Encoding.UTF8.GetBytes("""{"order":"A-7","resource":{"service.name":"orders"}}""");

    [Fact]
    public void Attributes_that_were_kept_as_bytes_read_as_those_that_were_parsed()
    {
        var kept = Kept();
        Assert.Equal("""{"order":"A-7","resource":{"service.name":"orders"}}""", kept.Attributes.GetRawText());
        Assert.True(kept.IsSameAs(kept with { Attributes = JsonElement.Parse("""{"resource":{"service.name":"orders"},"order":"A-7"}""") }));
    }

    [Fact]
    public void What_is_copied_is_what_was_written_in_one_piece_or_two_or_as_an_element()
    {
        Assert.All(
            (RecordJson[])[Kept().KeptAttributes, RecordJson.OfStored(Utf8), RecordJson.OfOwn(JsonElement.Parse(Utf8)), RecordJson.Of(JsonDocument.Parse(Utf8).RootElement)],
            json =>
            {
                var copy = new byte[json.Utf8Length];
                json.CopyUtf8To(copy);
                Assert.Equal("""{"order":"A-7","resource":{"service.name":"orders"}}""", Encoding.UTF8.GetString(copy));
            });
        Assert.Equal(0, default(RecordJson).Utf8Length);
        default(RecordJson).CopyUtf8To([]);
    }

    [Fact]
    public void A_copy_equals_its_original_whether_or_not_one_was_read()
    {
        var kept = Kept();
        var copy = kept with { };
        Assert.Equal(kept, copy);
        _ = kept.Attributes;
        Assert.Equal(kept, copy);
        Assert.Equal(kept, kept with { Attributes = copy.Attributes });
        Assert.Equal(kept.GetHashCode(), (kept with { Attributes = copy.Attributes }).GetHashCode());
        Assert.NotEqual(kept, kept with { IncidentId = "i-1" });
        Assert.NotEqual(kept, kept with { Attributes = JsonElement.Parse("""{"order":"A-8"}""") });
        Assert.NotEqual(kept, kept with { Attributes = default });
        Assert.Equal(Plain(), Plain());
        Assert.Equal(Plain() with { Attributes = default }, Plain() with { Attributes = default });
    }

    [Fact]
    public void Spans_whose_attributes_share_an_array_have_each_their_own()
    {
        var array = Encoding.UTF8.GetBytes("""{"order":"A-7"{"order":"A-8" """.TrimEnd());
        Span[] spans = [.. new[] { array.AsMemory(0, 14), array.AsMemory(14) }.Select(part =>
        {
            Assert.True(MemoryMarshal.TryGetArray<byte>(part, out var segment));
            return Plain() with { KeptAttributes = RecordJson.Of(segment, Tail) };
        })];
        Assert.NotEqual(spans[0], spans[1]);
        Assert.Equal(["A-7", "A-8"], spans.Select(span => span.Attributes.GetProperty("order").GetString()));
        Assert.All(spans, span => Assert.Equal("orders", span.Attributes.GetProperty("resource").GetProperty("service.name").GetString()));
    }

    [Fact]
    public async Task Readers_at_the_same_time_get_one_element()
    {
        for (var round = 0; round < 200; round++)
        {
            var kept = Kept();
            var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => kept.Attributes)));
            Assert.All(read, element => Assert.Equal(kept.Attributes, element));
        }
    }

    [Fact]
    public void A_span_that_is_kept_outlives_the_document_of_its_attributes()
    {
        Span kept;
        using (var document = JsonDocument.Parse("""{"order":"A-7"}"""))
        {
            kept = (Plain() with { Attributes = document.RootElement }).Kept();
        }

        Assert.Equal("A-7", kept.Attributes.GetProperty("order").GetString());
    }

    private static Span Plain() => new() { SpanId = "s-1", Tool = "tool.call/book", StartTs = 1, EndTs = 2 };

    private static Span Kept() => Plain() with { KeptAttributes = RecordJson.Of(Encoding.UTF8.GetBytes("""{"order":"A-7" """.TrimEnd()), Tail) };
}
