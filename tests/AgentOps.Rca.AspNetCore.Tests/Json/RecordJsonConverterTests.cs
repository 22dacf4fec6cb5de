using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Tests.Json;

public sealed class RecordJsonConverterTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "a" : [ 1 , 1.50, -0, 1e3, 12345678901234567890 ],  "b":{"c":null,"d":true,"e":false}, "f":[], "g":{} }""")]
    [InlineData("""{"q\"uo\u0074e":"a\"b\\c\nd\u00e9\ud83d\ude00","é":"ü<>&'+","":""}""")]
    public void What_a_store_has_is_written_as_if_it_had_been_parsed(string json) => AssertSame(json);

    [Theory]
    [InlineData(31 * 1024)]
    [InlineData(33 * 1024)]
    [InlineData(3 * 1024 * 1024)]
    public void Large_texts_too_whatever_stands_where_a_piece_ends(int length)
    {
        AssertSame($$"""{"plain":"{{new string('d', length)}}","wide":"x{{string.Concat(Enumerable.Repeat("é😀", length / 6))}}","escaped":"{{string.Concat(Enumerable.Repeat("\\n\\\"é", length / 6))}}"}""");
    }

    [Fact]
    public void Nothing_is_parsed_for_it()
    {
        const int Length = 8 * 1024 * 1024;
        var utf8 = Encoding.UTF8.GetBytes($$"""{"d":"{{new string('d', Length)}}"}""");
        var buffer = new ArrayBufferWriter<byte>(Length + (64 * 1024));
        Write(buffer, RecordJson.OfStored(Encoding.UTF8.GetBytes("""{"d":"warm"}""")));
        buffer.ResetWrittenCount();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(buffer, RecordJson.OfStored(utf8));

        // The index of a parser alone would take as much as the text.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Length / 16);
        Assert.Equal(utf8.Length, buffer.WrittenCount);
    }

    private static void AssertSame(string json)
    {
        var stored = new ArrayBufferWriter<byte>();
        Write(stored, RecordJson.OfStored(Encoding.UTF8.GetBytes(json)));
        var parsed = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(parsed))
        {
            JsonElement.Parse(json).WriteTo(writer);
        }

        Assert.Equal(Encoding.UTF8.GetString(parsed.WrittenSpan), Encoding.UTF8.GetString(stored.WrittenSpan));
        foreach (var most in (int[])[1, 700, 64 * 1024])
        {
            var pieces = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(pieces);
            for (var writing = new RecordJsonWriting(RecordJson.OfStored(Encoding.UTF8.GetBytes(json))); writing.WriteSome(writer, most);)
            {
                Assert.True(pieces.WrittenCount > 0);
            }

            Assert.True(parsed.WrittenSpan.SequenceEqual(pieces.WrittenSpan), $"In pieces of {most}.");
        }
    }

    private static void Write(ArrayBufferWriter<byte> buffer, RecordJson value)
    {
        using var writer = new Utf8JsonWriter(buffer);
        new RecordJsonConverter().Write(writer, value, JsonSerializerOptions.Default);
        writer.Flush();
    }
}
