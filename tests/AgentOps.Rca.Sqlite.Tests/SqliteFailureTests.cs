using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SqliteFailureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(":memory:")]
    [InlineData("file:rca?mode=memory")]
    public void A_path_that_is_no_file_is_refused(string path) => Assert.Throws<ArgumentException>(() => new SqliteStores(path));

    [Fact]
    public async Task Nothing_is_made_before_the_first_call_and_the_directory_then()
    {
        using var file = new TemporaryFile();
        var path = Path.Combine(Path.GetDirectoryName(file.Path)!, "a", "b", "rca.db");
        await using var stores = new SqliteStores(path);
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
        await stores.Incidents.GetAsync(Guid.Empty);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_in_a_sentence_and_left_alone()
    {
        using var file = new TemporaryFile();
        await Execute(file.Path, "PRAGMA user_version = 99");
        await using var stores = new SqliteStores(file.Path);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stores.Spans.AddAsync([Samples.Span("a")]));
        Assert.Contains("schema version 99, made by a newer release", failure.Message, StringComparison.Ordinal);
        Assert.Equal(99L, await Execute(file.Path, "PRAGMA user_version"));
        Assert.Equal(0L, await Execute(file.Path, "SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        using var file = new TemporaryFile();
        var text = string.Concat(Enumerable.Repeat("This is a letter, not a database. ", 1_000));
        await File.WriteAllTextAsync(file.Path, text);
        await using var stores = new SqliteStores(file.Path);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stores.Incidents.GetAsync(Guid.Empty));
        Assert.Contains("is not a SQLite database", failure.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(file.Path));
    }

    [Fact]
    public async Task A_damaged_file_is_named_as_one()
    {
        using var file = new TemporaryFile();
        await using (var stores = new SqliteStores(file.Path))
        {
            await stores.Spans.AddAsync([.. Enumerable.Range(0, 2_000).Select(i => Samples.Span($"s{i}", i))]);
        }

        await using (var stream = File.OpenWrite(file.Path))
        {
            var junk = new byte[stream.Length - 65_536];
            new Random(1).NextBytes(junk);
            stream.Position = 65_536;
            await stream.WriteAsync(junk);
        }

        await using var damaged = new SqliteStores(file.Path);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await foreach (var _ in damaged.Spans.ListAsync(new SpanQuery()))
            {
            }
        });
        Assert.Contains("is damaged; restore it from a backup", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_in_the_files_place_is_named()
    {
        using var file = new TemporaryFile();
        Directory.CreateDirectory(file.Path);
        await using var stores = new SqliteStores(file.Path);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stores.Incidents.GetAsync(Guid.Empty));
        Assert.Contains("could not be made", failure.Message, StringComparison.Ordinal);
        Assert.Contains(file.Path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_recovers_when_what_was_in_its_way_is_gone()
    {
        using var file = new TemporaryFile();
        Directory.CreateDirectory(file.Path);
        await using var stores = new SqliteStores(file.Path);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stores.Incidents.AddAsync(Samples.Incident(1)));
        Directory.Delete(file.Path);
        Assert.Equal(WriteOutcome.Added, await stores.Incidents.AddAsync(Samples.Incident(1)));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_nothing_of_the_batch_stays()
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        await stores.Spans.AddAsync([Samples.Span("before")]);

        // SQLite answers SQLITE_FULL for a bounded file just as it does for a full disk.
        await stores.Database.WriteAsync(session => session.QueryNumber("PRAGMA max_page_count = 40"), rows: 1, CancellationToken.None);
        var batch = Enumerable.Range(0, 5_000).Select(i => Samples.Span($"s{i}", i)).ToArray();
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stores.Spans.AddAsync(batch));
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Null(await stores.Spans.GetAsync("s0"));

        // The writer has opened the file anew, without the bound.
        Assert.Equal(batch.Length, (await stores.Spans.AddAsync(batch)).Added);
        Assert.NotNull(await stores.Spans.GetAsync("before"));
    }

    [Fact]
    public async Task One_write_that_fails_does_not_take_those_beside_it_along()
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        await stores.Incidents.GetAsync(Guid.Empty);
        var good = Enumerable.Range(0, 50).Select(i => stores.Incidents.AddAsync(Samples.Incident(i)).AsTask()).ToList();
        var bad = stores.Database.WriteAsync<int>(_ => throw new FormatException("bad"), rows: 1, CancellationToken.None).AsTask();
        good.AddRange(Enumerable.Range(50, 50).Select(i => stores.Incidents.AddAsync(Samples.Incident(i)).AsTask()));
        await Assert.ThrowsAsync<FormatException>(() => bad);
        Assert.All(await Task.WhenAll(good), outcome => Assert.Equal(WriteOutcome.Added, outcome));
    }

    [Fact]
    public async Task The_file_is_in_wal_mode_and_carries_its_schema_version()
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        await stores.Incidents.GetAsync(Guid.Empty);
        Assert.Equal("wal", await Execute(file.Path, "PRAGMA journal_mode"));
        Assert.Equal((long)SqliteSchema.Migrations.Count, await Execute(file.Path, "PRAGMA user_version"));
        Assert.Equal(2L, await stores.Database.WriteAsync(session => session.QueryNumber("PRAGMA synchronous"), rows: 1, CancellationToken.None));
    }

    [Fact]
    public async Task Times_lie_in_the_file_as_text_that_sqlite_reads()
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        await stores.Incidents.AddAsync(Samples.Incident(1));
        Assert.Equal("2026-03-14T15:09:26.5358970Z", await Execute(file.Path, "SELECT created_ts FROM incidents"));
        Assert.Equal("2026-03-14 15:09:26", await Execute(file.Path, "SELECT strftime('%Y-%m-%d %H:%M:%S', created_ts) FROM incidents"));
    }

    private static async Task<object?> Execute(string path, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
