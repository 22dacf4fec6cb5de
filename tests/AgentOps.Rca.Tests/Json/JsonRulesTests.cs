using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Json;

public sealed class JsonRulesTests
{
    public static TheoryData<string> HardJson => Samples.HardJson;

    [Theory]
    [MemberData(nameof(HardJson))]
    public void What_every_store_can_keep_has_no_problem(string json) => Assert.Null(JsonRules.FindProblem(JsonElement.Parse(json)));

    [Fact]
    public void A_large_document_leaves_nothing_of_its_size_in_the_pool_of_the_thread_that_parses_it()
    {
        // Of a size that nobody else here takes from the pool; else it would give what was there before.
        var document = new byte[80 * 1024 * 1024];
        document.AsSpan().Fill((byte)'d');
        (document[0], document[^1]) = ((byte)'"', (byte)'"');
        Assert.Equal(JsonValueKind.String, JsonRules.ParseKept(document, new JsonDocumentOptions()).ValueKind);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var rented = ArrayPool<byte>.Shared.Rent(document.Length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before >= document.Length, $"{rented.Length} bytes were in the pool.");

        // What is wrong with one is still said.
        document[^1] = (byte)'d';
        Assert.ThrowsAny<JsonException>(() => JsonRules.ParseKept(document, new JsonDocumentOptions()));
    }

    [Theory]
    [InlineData("9007199254740993", "")]
    [InlineData("""{"a":[0,{"b":1e999}]}""", "/a/1/b")]
    [InlineData("""{"a/b":{"c~d":0.1000000000000000055511151231257828}}""", "/a~1b/c~0d")]
    [InlineData("""{"":9007199254740993}""", "/")]
    [InlineData("""["a\u0000b"]""", "/0")]
    [InlineData("""["x","\ud83d"]""", "/1")]
    [InlineData("""["\ude00\ud83d"]""", "/0")]
    [InlineData("""{"a":{"b\u0000":1}}""", "/a")]
    [InlineData("""{"a":{"\ud83d":1}}""", "/a")]
    [InlineData("""{"a":{"x":1,"y":2,"\u0078":3}}""", "/a/x")]
    public void What_no_store_can_keep_is_pointed_at(string json, string pointer)
    {
        var problem = JsonRules.FindProblem(JsonElement.Parse(json));
        Assert.Equal(pointer, problem?.Pointer);
        Assert.EndsWith(".", problem?.Message, StringComparison.Ordinal);
    }

    // Not a theory: an attribute's text is kept as UTF-8, which has no room for half of a surrogate pair.
    [Theory]
    [InlineData("""{"a":"x"}""", null)]
    [InlineData("""{"a":"\\u"}""", null)]
    [InlineData("""{"a":"\\u0000"}""", null)]
    [InlineData("""{"a":"\u0041"}""", null)]
    [InlineData("""{"a":"\ud83d\ude00"}""", null)]
    [InlineData("""{"a":"\u0000"}""", "/a")]
    [InlineData("""{"a":"x\ud83d"}""", "/a")]
    [InlineData("""{"a":"\ude00\ud83d"}""", "/a")]
    public void Escapes_in_a_text_are_looked_at_and_what_only_looks_like_one_is_not(string json, string? place) =>
        Assert.Equal(place, JsonRules.FindProblem(JsonElement.Parse(json))?.Pointer);

    [Fact]
    public void A_large_text_is_looked_through_without_a_copy()
    {
        var value = JsonElement.Parse($"[\"{new string('é', 2_000_000)}\"]");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Null(JsonRules.FindProblem(value));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public void Text_must_be_well_formed_and_free_of_nul()
    {
        foreach (var text in (string[])["", "a\uD83D\uDE00b", "\uD83D\uDE00\uD83D\uDE00", "\uE000\uFFFD"])
        {
            Assert.Null(JsonRules.FindTextProblem(text));
        }

        foreach (var text in (string[])["a\0", "\uD83D", "\uDE00", "\uD83D\uD83D\uDE00", "\uD83Dx", "\uDE00\uD83D", "\uD83D\uDE00\uDE00"])
        {
            Assert.EndsWith(".", JsonRules.FindTextProblem(text), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Foreign_json_is_read_with_bounded_depth_and_without_repeated_members()
    {
        var deepest = new string('[', JsonRules.MaxDepth) + new string(']', JsonRules.MaxDepth);
        using var read = JsonDocument.Parse(deepest, JsonRules.DocumentOptions);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse($"[{deepest}]", JsonRules.DocumentOptions));
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse("""{"a":1,"a":1}""", JsonRules.DocumentOptions));
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse("[1 /* one */]", JsonRules.DocumentOptions));
    }
}
