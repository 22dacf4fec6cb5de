using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Tests.OpenTelemetry;

public sealed class ByteChunksTests
{
    [Fact]
    public void What_was_kept_stays_as_it_was_whatever_comes_after_it()
    {
        var random = new Random(7);
        var chunks = new ByteChunks();
        List<(byte[] Given, ArraySegment<byte> Kept)> pieces = [];
        for (var i = 0; i < 2_000; i++)
        {
            var piece = new byte[i % 100 == 99 ? 200_000 : random.Next(0, 700)];
            random.NextBytes(piece);
            pieces.Add((piece, chunks.Keep(piece)));
        }

        Assert.All(pieces, static piece => Assert.Equal(piece.Given, piece.Kept.ToArray()));
    }

    [Theory]
    [InlineData(1, 300)]
    [InlineData(20, 300)]
    [InlineData(512, 230)]
    [InlineData(10_000, 230)]
    [InlineData(3, 100_000)]
    public void What_is_held_is_at_most_twice_what_was_kept_and_one_small_array(int count, int size)
    {
        var chunks = new ByteChunks();
        var held = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < count; i++)
        {
            held.Add(chunks.Keep(new byte[size]).Array!);
        }

        Assert.InRange(held.Sum(array => (long)array.Length), (long)count * size, (2L * count * size) + 1_024);
        Assert.InRange(held.Count, 1, 7 + (count * size / 15_000));
    }
}
