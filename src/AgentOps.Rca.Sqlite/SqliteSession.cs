using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>One open connection and the statements prepared on it. Used by one caller at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // Queries come in a few dozen shapes; the bound only guards against a shape that somebody makes unbounded by mistake.
    private const int MaxStatements = 128;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteInsert> _inserts = new(StringComparer.Ordinal);

    public SqliteSession(string connectionString, params ReadOnlySpan<string> pragmas)
    {
        Connection = new SqliteConnection(connectionString);
        try
        {
            Connection.Open();
            foreach (var pragma in pragmas)
            {
                Execute(pragma);
            }
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; }

    /// <summary>The statement, prepared once. Its parameters are named <c>?1</c>, <c>?2</c> and so on.</summary>
    public SqliteStatement Prepare(string sql, int parameterCount)
    {
        if (_statements.TryGetValue(sql, out var statement))
        {
            return statement;
        }

        if (_statements.Count >= MaxStatements)
        {
            ClearStatements();
        }

        statement = new SqliteStatement(Connection, sql, parameterCount);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>A statement for many rows, prepared once.</summary>
    public SqliteInsert PrepareInsert(string sql)
    {
        if (!_inserts.TryGetValue(sql, out var insert))
        {
            insert = new SqliteInsert(Connection, sql);
            _inserts.Add(sql, insert);
        }

        return insert;
    }

    public void Execute(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long QueryNumber(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose()
    {
        ClearStatements();
        foreach (var insert in _inserts.Values)
        {
            insert.Dispose();
        }

        _inserts.Clear();
        Connection.Dispose();
    }

    private void ClearStatements()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }
}
