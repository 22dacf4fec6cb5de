using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

/// <summary>Where the content of a host on SQLite lies: small content in the file, larger content in the directory.</summary>
public sealed class SmallContentTests : IDisposable
{
    private readonly TemporaryFile _file = new();

    private string DirectoryPath => Path.Combine(Path.GetDirectoryName(_file.Path)!, "artifacts");

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(LayeredContentStore.SmallLength, true)]
    [InlineData(LayeredContentStore.SmallLength + 1, false)]
    [InlineData(1_000_000, false)]
    public async Task Content_lies_in_the_file_up_to_its_limit_and_as_a_file_beyond_it(int length, bool isSmall)
    {
        await using var services = Open();
        var vault = services.GetRequiredService<ArtifactVault>();
        var (one, other) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length));
        await vault.PutAsync(new MemoryStream(one), "text/plain");
        await vault.PutManyAsync([new ArtifactContent(other, "text/plain"), new ArtifactContent(one, "text/plain")]);
        var count = length == 0 ? 1 : 2;

        Assert.Equal(isSmall ? count : 0, await QueryAsync("SELECT count(*) FROM artifact_contents"));
        Assert.Equal(isSmall ? 0 : count, Files().Length);
        Assert.Equal(one, (await vault.ReadAllVerifiedAsync(ArtifactDigest.Of(one), int.MaxValue)).Content.ToArray());
        Assert.Equal(other, (await vault.ReadAllVerifiedAsync(ArtifactDigest.Of(other), int.MaxValue)).Content.ToArray());
    }

    [Fact]
    public async Task Content_is_packed_where_that_saves_something_and_read_as_it_was()
    {
        await using var services = Open();
        var vault = services.GetRequiredService<ArtifactVault>();
        var messages = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 400).Select(static n => $$"""{"role":"user","content":"Where is order A-{{n}}?"}"""))}]");
        byte[][] contents = [messages, RandomNumberGenerator.GetBytes(20_000), "short"u8.ToArray()];
        foreach (var content in contents)
        {
            await vault.PutAsync(content, "application/json");
        }

        Assert.Equal(1, await QueryAsync("SELECT count(*) FROM artifact_contents WHERE unpacked IS NOT NULL"));
        Assert.Equal(messages.Length, await QueryAsync("SELECT unpacked FROM artifact_contents WHERE unpacked IS NOT NULL"));
        Assert.InRange((await QueryAsync("SELECT length(data) FROM artifact_contents WHERE unpacked IS NOT NULL"))!.Value, 1, messages.Length / 4);
        foreach (var content in contents)
        {
            Assert.Equal(content, (await vault.ReadAllVerifiedAsync(ArtifactDigest.Of(content), int.MaxValue)).Content.ToArray());
        }

        // As an earlier release has written it, and as this one writes it again.
        await QueryAsync($"UPDATE artifact_contents SET data = X'{Convert.ToHexString(messages)}', unpacked = NULL WHERE unpacked IS NOT NULL");
        Assert.Equal(messages, (await vault.ReadAllVerifiedAsync(ArtifactDigest.Of(messages), int.MaxValue)).Content.ToArray());
        await vault.PutAsync(messages, "application/json");
        Assert.Equal(1, await QueryAsync("SELECT count(*) FROM artifact_contents WHERE unpacked IS NOT NULL"));

        foreach (var change in (string[])["data = substr(data, 1, 50)", "data = zeroblob(length(data))", "unpacked = unpacked + 1", "unpacked = 1000000000000", "unpacked = -1", "unpacked = NULL"])
        {
            await QueryAsync($"UPDATE artifact_contents SET {change} WHERE unpacked IS NOT NULL");
            Assert.IsType<ArtifactFault.Corrupt>(await vault.CheckAsync(ArtifactDigest.Of(messages)));
            await vault.PutAsync(messages, "application/json");
            Assert.Null(await vault.CheckAsync(ArtifactDigest.Of(messages)));
        }
    }

    [Theory]
    [InlineData("UPDATE artifact_contents SET data = CAST(replace(CAST(data AS TEXT), 'north', 'south') AS BLOB)", typeof(ArtifactFault.Corrupt))]
    [InlineData("UPDATE artifact_contents SET data = substr(data, 1, 5)", typeof(ArtifactFault.Corrupt))]
    [InlineData("UPDATE artifact_contents SET data = zeroblob(100000000)", typeof(ArtifactFault.Corrupt))]
    [InlineData("DELETE FROM artifact_contents", typeof(ArtifactFault.ContentMissing))]
    public async Task Content_that_was_changed_in_the_file_is_named_and_never_served(string sql, Type kind)
    {
        var content = """{"carrier":"north"}"""u8.ToArray();
        await using var services = Open();
        var vault = services.GetRequiredService<ArtifactVault>();
        var digest = (await vault.PutAsync(content, "application/json")).Artifact.Digest;
        Assert.Null(await vault.CheckAsync(digest));
        await QueryAsync(sql);

        var read = await vault.OpenVerifiedAsync(digest);
        Assert.IsType(kind, read.Fault);
        Assert.Contains(digest.ToString(), read.Fault!.Message, StringComparison.Ordinal);
        Assert.Null(read.Content);

        await vault.PutManyAsync([new ArtifactContent(content, "application/json")]);
        Assert.Null(await vault.CheckAsync(digest));
    }

    [Fact]
    public async Task A_file_and_a_directory_of_an_older_release_are_read_as_before()
    {
        var known = """{"order":"A-1"}"""u8.ToArray();
        var orphan = "left behind"u8.ToArray();
        var files = new FileSystemArtifactContentStore(DirectoryPath);
        await files.WriteAsync(new MemoryStream(known));
        await files.WriteAsync(new MemoryStream(orphan));
        await QueryAsync(SqliteSchema.Migrations[0] + SqliteSchema.Migrations[1] + "PRAGMA user_version = 2;");
        var digest = ArtifactDigest.Of(known);
        await QueryAsync(
            $"INSERT INTO artifacts VALUES ('{digest}', 'application/json', {known.Length}, 0, '{SqliteText.FromTime(DateTimeOffset.UnixEpoch)}')");

        await using var services = Open();
        var vault = services.GetRequiredService<ArtifactVault>();
        Assert.Equal(known, (await vault.ReadAllVerifiedAsync(digest, 1_000)).Content.ToArray());

        // Found again, it is in both; what no row points to goes from wherever it is.
        Assert.False((await vault.PutAsync(known, "application/json")).Created);
        var contents = Assert.IsType<LayeredContentStore>(services.GetRequiredService<IArtifactContentStore>());
        await contents.WriteAsync(new MemoryStream(orphan));
        var listed = await contents.ListOldAsync(TimeSpan.Zero).ToListAsync();
        Assert.Equal(new[] { digest, ArtifactDigest.Of(orphan) }.Order(), listed.Distinct().Order());
        var rows = services.GetRequiredService<IArtifactStore>();
        Assert.True(await contents.CollectAsync(ArtifactDigest.Of(orphan), TimeSpan.Zero, rows));
        Assert.False(await contents.CollectAsync(digest, TimeSpan.Zero, rows));
        Assert.Null(await contents.OpenAsync(ArtifactDigest.Of(orphan)));
        Assert.Null(await vault.CheckAsync(digest));
        Assert.Equal([digest.ToString()], Files().Select(Path.GetFileName));
        Assert.Equal(1, await QueryAsync("SELECT count(*) FROM artifact_contents"));
    }

    [Fact]
    public async Task Where_the_rows_are_kept_elsewhere_all_content_lies_in_the_directory()
    {
        await using var services = Open(static services => services.AddSingleton<IArtifactStore>(new InMemoryArtifactStore()));
        Assert.IsType<FileSystemArtifactContentStore>(services.GetRequiredService<IArtifactContentStore>());
        await services.GetRequiredService<ArtifactVault>().PutAsync("small"u8.ToArray(), "text/plain");
        Assert.Single(Files());
    }

    [Fact]
    public async Task A_request_with_content_makes_no_file_and_each_span_points_at_content_that_is_there()
    {
        await using var services = Open();
        var outcome = await services.GetRequiredService<OtlpIntake>().TakeTracesAsync(AgentRequest.Make(700), OtlpEncoding.Json);
        Assert.Equal((700, 0), (outcome.Added, outcome.Rejected));
        Assert.Empty(Files());

        var vault = services.GetRequiredService<ArtifactVault>();
        var spans = await services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery()).ToListAsync();
        Assert.Equal(700, spans.Count);
        foreach (var digest in spans.SelectMany(static span => new[] { span.ArgsDigest, span.ResultDigest }).Distinct())
        {
            Assert.Null(await vault.CheckAsync(ArtifactDigest.Parse(digest!)));
        }

        Assert.Equal(701, await QueryAsync("SELECT count(*) FROM artifacts"));
        Assert.Equal(701, await QueryAsync("SELECT count(*) FROM artifact_contents"));
    }

    private ServiceProvider Open(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        configure?.Invoke(services);
        services.AddAgentOpsRca(options => options.ArtifactDirectory = DirectoryPath).UseSqlite(_file.Path);
        return services.BuildServiceProvider();
    }

    private string[] Files() => Directory.Exists(DirectoryPath) ? Directory.GetFiles(DirectoryPath, "*", SearchOption.AllDirectories) : [];

    private async Task<long?> QueryAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync() as long?;
    }
}
