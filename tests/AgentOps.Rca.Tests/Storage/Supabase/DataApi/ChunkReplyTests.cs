using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Storage.Supabase.DataApi;

namespace AgentOps.Rca.Tests.Storage.Supabase.DataApi;

public sealed class ChunkReplyTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task Bytes_and_row_come_apart_however_the_reply_arrives(int pieceLength)
    {
        var data = RandomNumberGenerator.GetBytes(pieceLength == 0 ? 0 : 100_001);
        var into = new byte[data.Length];
        using var stream = new PieceStream(
            $$"""[{"content_id":"a", "length":5, "data":"\\x{{Convert.ToHexStringLower(data)}}"},{{"\n"}} null]""", Math.Max(pieceLength, 1));
        using var reply = await ChunkReply.ReadAsync(stream, into, TestToken);
        Assert.Equal(data.Length, reply.Length);
        Assert.Equal(data, into);
        Assert.Equal("""[{"content_id":"a", "length":5, "data":""},""" + "\n null]", reply.Rows.RootElement.GetRawText());
    }

    [Fact]
    public async Task What_has_no_room_is_counted()
    {
        using var stream = new PieceStream("""[{"data":"\\x0102030405"}]""", 4);
        var into = new byte[2];
        using var reply = await ChunkReply.ReadAsync(stream, into, TestToken);
        Assert.Equal(5, reply.Length);
        Assert.Equal([1, 2], into);
    }

    [Fact]
    public async Task No_row_is_no_chunk()
    {
        using var stream = new PieceStream("[]", 1);
        using var reply = await ChunkReply.ReadAsync(stream, default, TestToken);
        Assert.Equal(0, reply.Rows.RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("""[{"data":"AQID"}]""")]
    [InlineData("""[{"data":"\\x012"}]""")]
    [InlineData("""[{"data":"\\x01zz"}]""")]
    public async Task Bytes_in_another_form_are_refused(string json)
    {
        using var stream = new PieceStream(json, 3);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await ChunkReply.ReadAsync(stream, new byte[9], TestToken));
    }

    private sealed class PieceStream(string json, int pieceLength) : MemoryStream(Encoding.UTF8.GetBytes(json))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceLength)], cancellationToken);
    }
}
