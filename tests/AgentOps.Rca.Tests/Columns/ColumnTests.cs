using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;

namespace AgentOps.Rca.Tests.Columns;

public sealed class ColumnTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(65_536)]
    [InlineData(200_001)]
    public void A_column_gives_back_what_was_added_in_its_order(int count)
    {
        var column = new Column<int>();
        for (var i = 0; i < count; i++)
        {
            column.Add(i * 3);
        }

        Assert.Equal(count, column.Count);
        Assert.Equal(Enumerable.Range(0, count).Select(i => i * 3), column.ToArray());
        Assert.True(count == 0 || column[count - 1] == (count - 1) * 3);
    }

    // Texts of no bytes, of every length around the mark for long ones, and one that is longer than a piece.
    [Fact]
    public void A_table_of_texts_numbers_each_once_and_finds_it_again()
    {
        List<string> texts = [.. Enumerable.Range(0, 300).Select(length => new string('x', length)), new string('é', 300_000), .. Enumerable.Range(0, 50_000).Select(i => $"id-{i}"), "𝒳"];
        var table = new Utf8Table();

        foreach (var (number, text) in texts.Index())
        {
            Assert.True(table.TryAdd(Encoding.UTF8.GetBytes(text), out var given));
            Assert.Equal(number, given);
        }

        foreach (var (number, text) in texts.Index())
        {
            Assert.False(table.TryAdd(Encoding.UTF8.GetBytes(text), out var given));
            Assert.Equal((number, number, text), (given, table.Find(text), table.Text(number)));
        }

        Assert.Equal(texts.Count, table.Count);
        Assert.Equal(-1, table.Find("id-50000"));
    }

    [Fact]
    public void What_a_case_names_is_in_order_without_what_was_taken_out()
    {
        var table = new DigestTable();
        ArtifactDigest[] digests = [.. Enumerable.Range(0, 20_000).Select(i => i % 4 == 0 ? ArtifactDigest.Parse($"{i:x64}") : ArtifactDigest.Of(BitConverter.GetBytes(i)))];
        Assert.All(digests.Index(), digest => Assert.True(table.TryAdd(digest.Item, out var number) && number == digest.Index));
        Assert.False(table.TryAdd(digests[7], out var again));
        Assert.Equal(7, again);
        var named = new NamedDigests(table);

        named.Remove(digests[5]);
        named.Remove(digests[5]);
        named.Remove(ArtifactDigest.Empty);

        Assert.Equal(digests.Length - 1, named.Count);
        Assert.False(named.Contains(digests[5]));
        Assert.True(named.Contains(digests[6]));
        Assert.Equal(digests.Where((_, i) => i != 5).Order(), named.ToArray());
        Assert.True(named.SetEquals(digests.Where((_, i) => i != 5)));
    }
}
