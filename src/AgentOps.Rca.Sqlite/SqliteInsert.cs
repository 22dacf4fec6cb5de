using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// A prepared statement that is run for each of many rows, whose texts are UTF-8 already, so that the one thread that writes need not encode them as the driver does.
/// </summary>
internal sealed class SqliteInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares it.</summary>
    /// <param name="connection">An open connection, which lives longer than this.</param>
    /// <param name="sql">The statement; its parameters are numbered.</param>
    /// <exception cref="SqliteException">SQLite does not take it.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "It is kept, and disposed of with this.")]
    public SqliteInsert(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    /// <summary>Binds a text. SQLite has a copy of it when this returns.</summary>
    /// <param name="parameter">Its number, from 1.</param>
    /// <param name="utf8">The text.</param>
    public void Bind(int parameter, ReadOnlySpan<byte> utf8) => Require(raw.sqlite3_bind_text(_statement, parameter, utf8));

    /// <summary>Binds a number.</summary>
    /// <param name="parameter">Its number, from 1.</param>
    /// <param name="value">The value.</param>
    public void Bind(int parameter, long value) => Require(raw.sqlite3_bind_int64(_statement, parameter, value));

    /// <summary>Binds null.</summary>
    /// <param name="parameter">Its number, from 1.</param>
    public void BindNull(int parameter) => Require(raw.sqlite3_bind_null(_statement, parameter));

    /// <summary>Runs it with what was bound last.</summary>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="SqliteException">SQLite could not.</exception>
    public int Run()
    {
        var code = raw.sqlite3_step(_statement);
        if (code != raw.SQLITE_DONE)
        {
            // What went wrong is the connection's to say, until the statement is reset.
            try
            {
                SqliteException.ThrowExceptionForRC(code, _database);
            }
            finally
            {
                _ = raw.sqlite3_reset(_statement);
            }
        }

        var changed = raw.sqlite3_changes(_database);
        Require(raw.sqlite3_reset(_statement));
        return changed;
    }

    /// <summary>Lets go of the copies of what was bound last.</summary>
    public void Forget() => Require(raw.sqlite3_clear_bindings(_statement));

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Require(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
