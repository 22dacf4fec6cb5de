using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Artifacts;

/// <summary>Writers, readers and collections that meet while content has lost its name, each at the worst moment.</summary>
public sealed class FileSystemRetentionTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly InMemoryArtifactStore _rows = new();
    private readonly FileSystemArtifactContentStore _contents;
    private readonly HookedArtifactStore _hooked;

    public FileSystemRetentionTests()
    {
        _contents = new FileSystemArtifactContentStore(_directory.Path);
        _hooked = new HookedArtifactStore(_rows);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ArtifactVault Vault => new(_rows, _contents, TimeProvider.System);

    private string Withdrawn => Path.Combine(_directory.Path, "withdrawn");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_row_that_is_written_while_the_content_has_no_name_gives_it_back()
    {
        var digest = await WriteOldAsync("one"u8.ToArray());
        _hooked.BeforeGet = async () => await _rows.AddAsync(RowOf(digest, 3), Token);
        Assert.False(await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.Null(await Vault.CheckAsync(digest, Token));
        Assert.True(File.Exists(PathOf(digest)));
        Assert.Empty(Directory.EnumerateFiles(Withdrawn));
    }

    [Fact]
    public async Task A_row_that_is_written_after_the_last_look_is_not_acknowledged()
    {
        var digest = await WriteOldAsync("two"u8.ToArray());
        var kept = true;
        _hooked.AfterGet = async () =>
        {
            await _rows.AddAsync(RowOf(digest, 3), Token);
            kept = await _contents.KeepAsync(digest, Token);
        };
        Assert.True(await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.False(kept);
    }

    [Fact]
    public async Task A_writer_that_stores_the_same_bytes_while_they_have_no_name_keeps_its_own()
    {
        var bytes = "three"u8.ToArray();
        var digest = await WriteOldAsync(bytes);
        _hooked.AfterGet = async () => await Vault.PutAsync(bytes, "text/plain", cancellationToken: Token);
        Assert.True(await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.Null(await Vault.CheckAsync(digest, Token));
    }

    [Fact]
    public async Task A_sweep_that_puts_content_back_during_a_collection_wins()
    {
        var bytes = "four"u8.ToArray();
        var digest = await WriteOldAsync(bytes);
        _hooked.AfterGet = async () =>
        {
            await _contents.ListOldAsync(Day, Token).CountAsync(Token);
            await Vault.PutAsync(bytes, "text/plain", cancellationToken: Token);
        };
        Assert.False(await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.Null(await Vault.CheckAsync(digest, Token));
    }

    [Fact]
    public async Task A_decision_about_one_withdrawal_does_not_strike_a_later_one()
    {
        var bytes = "five"u8.ToArray();
        var digest = await WriteOldAsync(bytes);
        _hooked.AfterGet = async () =>
        {
            // Put back, acknowledged, and withdrawn again by another host, which looks for the row only after this collection is over.
            await _contents.ListOldAsync(Day, Token).CountAsync(Token);
            await Vault.PutAsync(bytes, "text/plain", cancellationToken: Token);
            File.Move(PathOf(digest), Path.Combine(Withdrawn, $"{digest}.other"));
        };
        Assert.False(await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.Null(await Vault.CheckAsync(digest, Token));
        Assert.Empty(await _contents.ListOldAsync(Day, Token).ToListAsync(Token));
        Assert.True(File.Exists(PathOf(digest)));
    }

    [Fact]
    public async Task What_a_killed_collection_has_taken_away_is_readable_and_put_back_by_the_next()
    {
        var withRow = (await Vault.PutAsync("six"u8.ToArray(), "text/plain", cancellationToken: Token)).Artifact.Digest;
        var orphan = await WriteOldAsync("seven"u8.ToArray());
        Directory.CreateDirectory(Withdrawn);
        foreach (var digest in new[] { withRow, orphan })
        {
            File.Move(PathOf(digest), Path.Combine(Withdrawn, $"{digest}.killed"));
        }

        Assert.Null(await Vault.CheckAsync(withRow, Token));
        Assert.Equal([orphan], await _contents.ListOldAsync(Day, Token).ToListAsync(Token));
        Assert.Empty(Directory.EnumerateFiles(Withdrawn));
        Assert.True(await _contents.CollectAsync(orphan, Day, _rows, Token));
        Assert.Null(await Vault.CheckAsync(withRow, Token));
    }

    [Fact]
    public async Task What_is_put_back_never_replaces_what_a_writer_has_stored_since()
    {
        var bytes = "eight"u8.ToArray();
        var digest = await WriteOldAsync(bytes);
        Directory.CreateDirectory(Withdrawn);
        await File.WriteAllTextAsync(PathOf(digest), "wrong", Token);
        File.Move(PathOf(digest), Path.Combine(Withdrawn, $"{digest}.killed"));
        await Vault.PutAsync(bytes, "text/plain", cancellationToken: Token);
        await _contents.ListOldAsync(Day, Token).CountAsync(Token);
        Assert.Null(await Vault.CheckAsync(digest, Token));
        Assert.Empty(Directory.EnumerateFiles(Withdrawn));
    }

    [Fact]
    public async Task Rows_that_cannot_be_read_leave_the_content_where_it_was()
    {
        var digest = await WriteOldAsync("nine"u8.ToArray());
        _hooked.BeforeGet = () => throw new StoreUnavailableException("down");
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _contents.CollectAsync(digest, Day, _hooked, Token));
        Assert.True(File.Exists(PathOf(digest)));
        Assert.Empty(Directory.EnumerateFiles(Withdrawn));
    }

    [Fact]
    public async Task Files_that_are_no_content_are_left_alone()
    {
        await WriteOldAsync("ten"u8.ToArray());
        var strange = Path.Combine(_directory.Path, "ab", "notes.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(strange)!);
        await File.WriteAllTextAsync(strange, "mine", Token);
        // Right name, wrong place.
        var misplaced = Path.Combine(_directory.Path, "ab", ArtifactDigest.Of("ten"u8).ToString());
        await File.WriteAllTextAsync(misplaced, "mine", Token);
        Assert.Single(await _contents.ListOldAsync(TimeSpan.Zero, Token).ToListAsync(Token));
        Assert.True(File.Exists(strange) && File.Exists(misplaced));
    }

    private async Task<ArtifactDigest> WriteOldAsync(byte[] bytes)
    {
        var digest = (await _contents.WriteAsync(new MemoryStream(bytes), expected: null, Token)).Digest;
        File.SetLastWriteTimeUtc(PathOf(digest), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
        return digest;
    }

    private string PathOf(ArtifactDigest digest) => Path.Combine(_directory.Path, digest.ToString()[..2], digest.ToString());

    private static Artifact RowOf(ArtifactDigest digest, long length) =>
        new() { Digest = digest, Length = length, Mime = "text/plain", CreatedTs = Samples.Instant };
}
