using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>A connection whose commands speak of the tables of one schema.</summary>
internal sealed class SupabaseConnection(NpgsqlConnection connection, SupabaseSchema schema) : IAsyncDisposable
{
    /// <summary>Where the tables stand.</summary>
    public SupabaseSchema Schema => schema;

    /// <summary>What the server says beside its answers.</summary>
    public event NoticeEventHandler Notice
    {
        add => connection.Notice += value;
        remove => connection.Notice -= value;
    }

    /// <summary>Makes a command; its text names <c>public</c>.</summary>
    public NpgsqlCommand Command(string sql) => new(schema.In(sql), connection);

    /// <summary>Begins a binary COPY into a table; its text names <c>public</c>.</summary>
    public Task<NpgsqlBinaryImporter> BeginCopyAsync(string sql, CancellationToken cancellationToken) =>
        connection.BeginBinaryImportAsync(schema.In(sql), cancellationToken);

    public ValueTask<NpgsqlTransaction> BeginTransactionAsync(CancellationToken cancellationToken) => connection.BeginTransactionAsync(cancellationToken);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
