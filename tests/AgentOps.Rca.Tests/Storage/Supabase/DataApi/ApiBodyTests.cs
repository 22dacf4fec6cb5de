using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Supabase.DataApi;

namespace AgentOps.Rca.Tests.Storage.Supabase.DataApi;

public sealed class ApiBodyTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_of_many_blocks_is_sent_as_often_as_asked_with_its_length()
    {
        using var body = ApiBody.Write(writer =>
        {
            writer.WriteStartArray();
            for (var number = 0; number < 100_000; number++)
            {
                writer.WriteNumberValue(number);
            }

            writer.WriteEndArray();
        });
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var json = await SendAsync(body);
            Assert.Equal(Enumerable.Range(0, 100_000), JsonElement.Parse(json).EnumerateArray().Select(number => number.GetInt32()));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, false)]
    [InlineData(100_001, true)]
    public async Task A_chunk_is_sent_as_often_as_asked_with_its_length(int length, bool isWhole)
    {
        var data = new byte[length];
        new Random(1).NextBytes(data);
        var digest = ArtifactDigest.Of(data);
        var id = Guid.CreateVersion7();
        using var body = new ChunkBody(new ContentChunk(id, 3, data, isWhole ? new StoredContent(digest, length) : null));
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var row = JsonElement.Parse(await SendAsync(body));
            Assert.Equal(id, row.GetProperty("content_id").GetGuid());
            Assert.Equal(3, row.GetProperty("chunk").GetInt32());
            Assert.Equal($"\\x{Convert.ToHexStringLower(data)}", row.GetProperty("data").GetString());
            Assert.Equal(isWhole, row.TryGetProperty("digest", out var text));
            Assert.True(!isWhole || (text.GetString() == digest.ToString() && row.GetProperty("length").GetInt64() == length));
        }
    }

    private static async Task<byte[]> SendAsync(HttpContent body)
    {
        using var sent = new MemoryStream();
        await body.CopyToAsync(sent, TestToken);
        Assert.Equal(body.Headers.ContentLength, sent.Length);
        Assert.Equal("application/json", body.Headers.ContentType?.MediaType);
        return sent.ToArray();
    }
}
