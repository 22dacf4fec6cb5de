using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Artifacts;
using CsCheck;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace AgentOps.Rca.Tests.Analysis;

public sealed class SpanIndexTests
{
    private static readonly ArtifactDigest Missing = ArtifactDigest.Of("missing"u8);
    private static readonly string[] Starts = ["", "0af7651916cd43dd8448eb211c80319c:", "a", "aaaaaaaa", "aaaaaaaaaaaaaaaa"];
    private const string Ends = "ab\u0001~";
    private static readonly ArtifactDigest Other = ArtifactDigest.Of("other"u8);

    [Fact]
    public async Task What_was_stored_is_read_back_the_same_for_every_order_of_arrival()
    {
        using var temporary = new TemporaryDirectory();
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new FileSystemArtifactContentStore(temporary.Path), TimeProvider.System);
        Span[] spans = [.. new[] { "b", "a", "é", "𝒳", "z", "\"", "\\", "\n", "a\",\"b" }.Select((id, at) => Samples.Span(id, 1_000 + at))];

        var digest = await IndexOf(spans).StoreAsync(vault);
        var again = await IndexOf([.. spans.Reverse()]).StoreAsync(vault);
        await using var content = (await vault.OpenVerifiedAsync(digest)).Content!;
        var read = await SpanIndex.ReadAsync(content);

        Assert.Equal(digest, again);
        Assert.Equal(["\n", "\"", "\\", "a", "a\",\"b", "b", "z", "é", "𝒳"], read.Entries.Select(entry => entry.SpanId));
        Assert.All(spans, span => Assert.Equal(SpanJson.Digest(span), read.DigestAt(read.IndexOf(span.SpanId))));
        Assert.True(read.IndexOf("c") < 0);
        Assert.Equal([Missing], read.MissingArtifacts);
    }

    [Theory]
    [InlineData("""["a"]""")]
    [InlineData("""["a","b"]""")]
    [InlineData("""{"a":1}""")]
    [InlineData("nothing")]
    [InlineData("""["a"b","2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]""")]
    [InlineData("""["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7az"]""")]
    [InlineData("""["a","2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",]""")]
    public async Task Lines_that_are_none_of_an_index_are_refused(string line) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(line));

    [Fact]
    public async Task Lines_out_of_order_are_refused()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync($"[\"b\",\"{Missing}\"]\n[\"a\",\"{Missing}\"]"));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync($"[\"a\",\"{Missing}\"]\n[\"a\",\"{Other}\"]"));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync($"[\"{Missing}\"]\n[\"a\",\"{Other}\"]"));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync($"[\"{Missing}\"]\n[\"{Missing}\"]"));
    }

    [Fact]
    public async Task An_id_that_is_no_utf8_and_a_line_without_an_end_are_refused()
    {
        byte[] invalid = [.. "[\""u8, 0xFF, .. Encoding.UTF8.GetBytes($"\",\"{Missing}\"]\n")];
        await Assert.ThrowsAsync<InvalidDataException>(async () => await SpanIndex.ReadAsync(new MemoryStream(invalid)));

        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync("[\"" + new string('a', 9 * 1024 * 1024)));
    }

    [Fact]
    public async Task Where_its_content_is_not_taken_nothing_waits_for_the_artifacts_or_goes_on()
    {
        var contents = Substitute.For<IArtifactContentStore>();
        contents.WriteAsync(default!, default, default).ThrowsAsyncForAnyArgs(new IOException("full"));
        var vault = new ArtifactVault(new InMemoryArtifactStore(), contents, TimeProvider.System);
        var missing = Substitute.For<IReadOnlySet<ArtifactDigest>>();
        var index = IndexOf([Samples.Span("a")]);
        index.SetMissing(missing);
        var looking = new TaskCompletionSource();

        var storing = index.StoreAsync(vault, looking.Task, CancellationToken.None).AsTask();

        await Assert.ThrowsAsync<IOException>(() => storing.WaitAsync(TimeSpan.FromSeconds(30)));
        looking.SetResult();
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        Assert.Empty(missing.ReceivedCalls());
    }

    // Ends of what is read at a time fall into lines, a line is longer than what is read at a time, and the last one has no end.
    [Fact]
    public async Task Lines_are_read_however_the_bytes_come()
    {
        Span[] spans = [.. Enumerable.Range(0, 300).Select(number => Samples.Span($"id-{number * 7919 % 1_000:d4}\n")), Samples.Span(new string('x', 300_000))];
        using var temporary = new TemporaryDirectory();
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new FileSystemArtifactContentStore(temporary.Path), TimeProvider.System);
        var stored = (await vault.ReadAllVerifiedAsync(await IndexOf(spans).StoreAsync(vault), int.MaxValue)).Content;

        foreach (var (bytes, most) in new[] { (stored, 7), (stored, 65_536), (stored[..^1], 1_021) })
        {
            var read = await SpanIndex.ReadAsync(new Trickle(bytes.ToArray(), most));

            Assert.Equal(spans.Length, read.Count);
            Assert.All(spans, span => Assert.Equal(SpanJson.Digest(span), read.DigestAt(read.IndexOf(span.SpanId))));
            Assert.Equal([Missing], read.MissingArtifacts);
        }
    }

    // Ids with long beginnings in common, ids that others begin with, and short ones, in numbers that are compared and in numbers that are not.
    [Fact]
    public void Ids_come_into_the_order_of_their_bytes_whatever_they_share() =>
        Gen.Select(Gen.Int[0, Starts.Length - 1], Gen.String[Gen.Int[0, Ends.Length - 1].Select(at => Ends[at]), 0, 20])
            .Select((start, end) => Starts[start] + end).Where(id => id.Length > 0).Array[0, 200]
            .Sample(ids =>
            {
                string[] distinct = [.. ids.Distinct(StringComparer.Ordinal)];
                var table = new Utf8Table();
                Assert.All(distinct, id => Assert.True(table.TryAdd(Encoding.UTF8.GetBytes(id), out _)));

                Assert.Equal(distinct.Order(Utf8Comparer.Instance), SpanIndexOrder.Of(table).Select(table.Text));
            });

    private static SpanIndex IndexOf(Span[] spans)
    {
        var index = new SpanIndex();
        foreach (var span in spans)
        {
            index.Add(span);
        }

        index.SetMissing(new HashSet<ArtifactDigest> { Missing });
        return index;
    }

    private sealed class Trickle(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }

    private static async Task<SpanIndex> ReadAsync(string text) => await SpanIndex.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)));
}
