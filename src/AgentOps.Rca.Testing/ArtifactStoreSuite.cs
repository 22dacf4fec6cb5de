using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Testing;

/// <summary>What every <see cref="IArtifactStore"/> does. A backend subclasses it and adds nothing.</summary>
/// <param name="backend">The backend under test.</param>
public abstract class ArtifactStoreSuite(StoreBackend backend) : StoreSuite(backend)
{
    /// <inheritdoc/>
    protected sealed override object StoreUnderTest => Artifacts;

    private IArtifactStore Artifacts => Stores.Artifacts;

    // S16.
    [Fact]
    public async Task An_artifact_is_unmasked_once_and_for_all()
    {
        var masked = Samples.Artifact(1) with { PiiMasked = true };
        await Artifacts.AddAsync(masked, TestToken);
        await Artifacts.SetUnmaskedAsync(masked.Digest, TestToken);
        await Artifacts.SetUnmaskedAsync(Samples.Artifact(2).Digest, TestToken);
        await Artifacts.AddAsync(masked, TestToken);
        Assert.Equal(masked with { PiiMasked = false }, await Artifacts.GetAsync(masked.Digest, TestToken));
    }

    [Fact]
    public async Task A_new_row_is_added_and_read_back()
    {
        var artifact = Samples.Artifact(1) with { PiiMasked = true, Mime = "text/plain; charset=\"utf-8\"" };
        Assert.Equal(WriteOutcome.Added, await AddAsync(artifact));
        Assert.Equal(artifact, await Artifacts.GetAsync(artifact.Digest, TestToken));
    }

    [Fact]
    public async Task An_unknown_digest_is_null()
    {
        await AddAsync(Samples.Artifact(1));
        Assert.Null(await Artifacts.GetAsync(Samples.Artifact(2).Digest, TestToken));
        Assert.Null(await Artifacts.GetAsync(default, TestToken));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    public async Task Any_length_comes_back(long length)
    {
        var artifact = Samples.Artifact(1) with { Length = length };
        await AddAsync(artifact);
        Assert.Equal(artifact, await Artifacts.GetAsync(artifact.Digest, TestToken));
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_text_is_only_text(string text)
    {
        var artifact = Samples.Artifact(1) with { Mime = text };
        await AddAsync(artifact);
        Assert.Equal(artifact, await Artifacts.GetAsync(artifact.Digest, TestToken));
    }

    [Fact]
    public async Task The_digest_decides_alone_and_the_first_row_stays()
    {
        var first = Samples.Artifact(1);
        await AddAsync(first);
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(first));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(first with { Mime = "text/html" }));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(first with { PiiMasked = true }));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(first with { CreatedTs = first.CreatedTs.AddDays(1) }));
        Assert.Equal(WriteOutcome.Conflict, await AddAsync(first with { Length = 5 }));
        Assert.Equal(first, await Artifacts.GetAsync(first.Digest, TestToken));
    }

    [Fact]
    public async Task The_time_comes_back_to_the_microsecond()
    {
        var artifact = Samples.Artifact(1) with { CreatedTs = new DateTimeOffset(2026, 3, 14, 1, 2, 3, 4, 5, TimeSpan.FromHours(-7)) };
        await AddAsync(artifact);
        Assert.Equal(artifact.CreatedTs, (await Artifacts.GetAsync(artifact.Digest, TestToken))?.CreatedTs);
    }

    [Fact]
    public async Task Finding_gives_each_row_that_exists_once()
    {
        var rows = Enumerable.Range(0, 100).Select(Samples.Artifact).ToArray();
        await Task.WhenAll(rows.Select(AddAsync));
        ArtifactDigest[] wanted =
            [.. rows[..10].Select(row => row.Digest), rows[3].Digest, rows[3].Digest, Samples.Artifact(-1).Digest, default];
        var found = await ReadAllAsync(Artifacts.FindAsync(wanted, TestToken));
        Assert.Equal(rows[..10].OrderBy(row => row.Digest), found.OrderBy(row => row.Digest));
    }

    [Fact]
    public async Task Finding_takes_five_thousand_digests_and_repeated_ones_far_apart()
    {
        var rows = Enumerable.Range(0, 300).Select(Samples.Artifact).ToArray();
        await Task.WhenAll(rows.Select(AddAsync));
        ArtifactDigest[] wanted = [.. Enumerable.Range(0, 5_000).Select(i => Samples.Artifact(i).Digest), .. rows.Select(row => row.Digest)];
        var found = await ReadAllAsync(Artifacts.FindAsync(wanted, TestToken));
        Assert.Equal(rows.OrderBy(row => row.Digest), found.OrderBy(row => row.Digest));
    }

    [Fact]
    public async Task Finding_nothing_gives_nothing()
    {
        await AddAsync(Samples.Artifact(1));
        Assert.Empty(await ReadAllAsync(Artifacts.FindAsync([], TestToken)));
        Assert.Empty(await ReadAllAsync(Artifacts.FindAsync([Samples.Artifact(2).Digest], TestToken)));
    }

    [Fact]
    public async Task Of_many_writers_of_one_row_exactly_one_adds_it()
    {
        var outcomes = await RaceAsync(_ => AddAsync(Samples.Artifact(1)));
        Assert.Single(outcomes, outcome => outcome == WriteOutcome.Added);
        Assert.Equal(Racers - 1, outcomes.Count(outcome => outcome == WriteOutcome.Duplicate));
    }

    [Fact]
    public async Task Many_rows_that_are_added_at_once_become_what_each_becomes_alone()
    {
        var rows = Enumerable.Range(0, 1_203).Select(Samples.Artifact).ToArray();
        await AddAsync(rows[3]);
        await AddAsync(rows[1_100]);
        await AddAsync(rows[7] with { Length = rows[7].Length + 1 });
        var outcomes = await Artifacts.AddManyAsync(rows, TestToken);
        Assert.Equal(
            Enumerable.Range(0, rows.Length).Select(static i => i is 3 or 1_100 ? WriteOutcome.Duplicate : i == 7 ? WriteOutcome.Conflict : WriteOutcome.Added),
            outcomes);
        Assert.Equal(rows[1_202], await Artifacts.GetAsync(rows[1_202].Digest, TestToken));
        Assert.Equal(rows[7].Length + 1, (await Artifacts.GetAsync(rows[7].Digest, TestToken))?.Length);
        Assert.Empty(await Artifacts.AddManyAsync([], TestToken));
    }

    [Fact]
    public async Task Of_many_writers_of_the_same_rows_at_once_exactly_one_adds_each()
    {
        var rows = Enumerable.Range(0, 50).Select(Samples.Artifact).ToArray();
        var outcomes = await RaceAsync(async racer =>
        {
            var added = await Artifacts.AddManyAsync(racer % 2 == 0 ? rows : [.. rows.Reverse()], TestToken);
            return racer % 2 == 0 ? added : [.. added.Reverse()];
        });
        Assert.All(
            Enumerable.Range(0, rows.Length),
            i => Assert.Equal((1, Racers - 1), (outcomes.Count(many => many[i] == WriteOutcome.Added), outcomes.Count(many => many[i] == WriteOutcome.Duplicate))));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_does_nothing()
    {
        var artifact = Samples.Artifact(1);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Artifacts.AddAsync(artifact, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Artifacts.AddManyAsync([artifact], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Artifacts.GetAsync(artifact.Digest, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await ReadAllAsync(Artifacts.FindAsync([artifact.Digest], cancelled)));
        Assert.Null(await Artifacts.GetAsync(artifact.Digest, TestToken));
    }

    [Fact]
    public async Task What_was_added_is_there_after_the_store_is_reopened()
    {
        SkipUnless(Backend.IsDurable, "keeps nothing beyond the process");
        var artifact = Samples.Artifact(1) with { PiiMasked = true };
        await AddAsync(artifact);
        await Stores.ReopenAsync();
        Assert.Equal(artifact, await Artifacts.GetAsync(artifact.Digest, TestToken));
        Assert.Equal(WriteOutcome.Duplicate, await AddAsync(artifact));
    }

    private Task<WriteOutcome> AddAsync(Artifact artifact) => Artifacts.AddAsync(artifact, TestToken).AsTask();
}
