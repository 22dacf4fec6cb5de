using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>A prepared statement with numbered parameters, bound from the first to the last before each run.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int Large = 64 * 1024;

    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;
    private int _bound;
    private SqliteParameter? _blob;

    public SqliteStatement(SqliteConnection connection, string sql, int parameterCount)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        _parameters = new SqliteParameter[parameterCount];
        for (var i = 0; i < parameterCount; i++)
        {
            _parameters[i] = new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"?{i + 1}") };
            _command.Parameters.Add(_parameters[i]);
        }

        // Preparing needs no values, but the driver wants every parameter to have one before it runs.
        _command.Prepare();
    }

    public SqliteStatement Bind(string? value) => BindNext(SqliteType.Text, value);

    public SqliteStatement Bind(long value) => BindNext(SqliteType.Integer, value);

    public SqliteStatement Bind(long? value) => BindNext(SqliteType.Integer, value);

    public SqliteStatement Bind(double? value) => BindNext(SqliteType.Real, value);

    public SqliteStatement Bind(byte[] value)
    {
        _blob = value.Length > Large ? _parameters[_bound] : _blob;
        return BindNext(SqliteType.Blob, value);
    }

    /// <summary>Runs the statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        _bound = 0;
        try
        {
            return _command.ExecuteNonQuery();
        }
        finally
        {
            Forget();
        }
    }

    public SqliteDataReader Read()
    {
        _bound = 0;
        return _command.ExecuteReader();
    }

    // A statement lives as long as its connection, and would keep the last large value that long.
    private void Forget()
    {
        if (_blob is { } blob)
        {
            (blob.Value, _blob) = (DBNull.Value, null);
        }
    }

    public void Dispose() => _command.Dispose();

    private SqliteStatement BindNext(SqliteType type, object? value)
    {
        var parameter = _parameters[_bound++];
        parameter.SqliteType = type;
        parameter.Value = value ?? DBNull.Value;
        return this;
    }
}
