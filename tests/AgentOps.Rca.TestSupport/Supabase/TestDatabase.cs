using System.Globalization;
using Npgsql;

namespace AgentOps.Rca.Testing.Supabase;

/// <summary>A database of its own on the test server, which goes with it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly string RunName = string.Create(CultureInfo.InvariantCulture, $"agentops_{Environment.ProcessId}");
    private static readonly Lazy<Task> Template = new(CreateTemplateAsync);
    private static int _count;

    private TestDatabase(string name) => Name = name;

    /// <summary>How many partitions the table of spans is made to have in every database; null leaves it whole.</summary>
    public static string? Partitions { get; } = Environment.GetEnvironmentVariable("AGENTOPS_TEST_PARTITIONS");

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The owner's connection, as a URI.</summary>
    public string Direct => WithDatabase(SupabaseServices.Current.Postgres, Name);

    /// <summary>The same through PgBouncer in transaction mode.</summary>
    public string Pooled => WithDatabase(SupabaseServices.Current.PgBouncer, Name);

    /// <summary>Makes a database.</summary>
    /// <param name="migrated">Whether the migrations have run in it.</param>
    public static async Task<TestDatabase> CreateAsync(bool migrated = true)
    {
        SupabaseServices.Current.Require();
        var name = $"{RunName}_{Interlocked.Increment(ref _count)}";
        if (migrated)
        {
            await Template.Value;
        }

        await ExecuteAsync("postgres", $"create database {name} template {(migrated ? RunName : "template1")}");
        return new TestDatabase(name);
    }

    /// <summary>Makes the table of spans one in partitions, as an operator does.</summary>
    public async Task PartitionAsync() => await ExecuteAsync(await PartitioningAsync());

    /// <summary>Runs SQL as the owner.</summary>
    /// <param name="sql">One or more statements.</param>
    public Task ExecuteAsync(string sql) => ExecuteAsync(Name, sql);

    /// <summary>Runs SQL as the superuser, for what Supabase keeps from the owner.</summary>
    /// <param name="sql">One or more statements.</param>
    public Task ExecuteAsAdministratorAsync(string sql) => ExecuteAsync(Name, sql, user: "supabase_admin");

    /// <summary>Reads one value as the owner.</summary>
    /// <param name="sql">A query.</param>
    public async Task<T?> ReadAsync<T>(string sql)
    {
        await using var connection = await OpenAsync(Name);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Opens the owner's connection, without a pool.</summary>
    public Task<NpgsqlConnection> OpenAsync() => OpenAsync(Name);

    /// <summary>Empties the tables. To truncate them makes new files for each and takes a quarter of a second, which is half of what most tests take.</summary>
    public Task ClearAsync() => ExecuteAsync(
        """
        do $$
        begin
            if pg_total_relation_size('public.spans') + pg_total_relation_size('public.artifact_contents') > 16777216 then
                truncate public.incidents, public.spans, public.artifacts, public.artifact_contents;
            else
                delete from public.incidents;
                delete from public.spans;
                delete from public.artifact_contents;
                delete from public.artifacts;
            end if;
        end
        $$
        """);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ExecuteAsync("postgres", $"drop database if exists {Name} with (force)");

    // The files that ship inside the package are the ones that are tested.
    private static async Task CreateTemplateAsync()
    {
        await ExecuteAsync("postgres", $"drop database if exists {RunName}");
        await ExecuteAsync("postgres", $"create database {RunName}");
        var assembly = typeof(Incidents.Incident).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            await ExecuteAsync(RunName, await reader.ReadToEndAsync());
        }

        if (Partitions is { Length: > 0 } partitions)
        {
            await ExecuteAsync(RunName, $"set agentops.partitions = '{partitions}'; {await PartitioningAsync()}");
        }
    }

    private static async Task<string> PartitioningAsync()
    {
        using var reader = new StreamReader(typeof(TestDatabase).Assembly.GetManifestResourceStream("partition_spans.sql")!);
        return await reader.ReadToEndAsync();
    }

    private static async Task ExecuteAsync(string database, string sql, string? user = null)
    {
        await using var connection = await OpenAsync(database, user);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(string database, string? administrator = null)
    {
        var uri = new Uri(SupabaseServices.Current.Postgres);
        var user = uri.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = administrator ?? user[0],
            Password = user[1],
            Database = database,
            Pooling = false,
            GssEncryptionMode = GssEncryptionMode.Disable,
            SslMode = SslMode.Disable,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static string WithDatabase(string uri, string database) =>
        new UriBuilder(uri) { Path = database }.Uri.ToString();
}
