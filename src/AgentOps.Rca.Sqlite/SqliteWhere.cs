using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Sqlite;

/// <summary>Gathers the conditions of a listing and their values. The SQL depends on the query's shape only, so it is prepared once.</summary>
internal sealed class SqliteWhere
{
    private readonly StringBuilder _sql = new();
    private readonly List<object> _values = [];

    public int ParameterCount => _values.Count;

    /// <summary>Adds a condition; each <c>@</c> in it stands for the next of <paramref name="values"/>.</summary>
    public SqliteWhere And(string condition, params ReadOnlySpan<object> values)
    {
        _sql.Append(_sql.Length == 0 ? " WHERE " : " AND ");
        return Append(condition, values);
    }

    /// <summary>Adds what comes after the conditions.</summary>
    public SqliteWhere Then(string sql, params ReadOnlySpan<object> values) => Append(sql, values);

    public SqliteStatement Prepare(SqliteSession session, string select)
    {
        var statement = session.Prepare(select + _sql, _values.Count);
        foreach (var value in _values)
        {
            _ = value is long number ? statement.Bind(number) : statement.Bind((string)value);
        }

        return statement;
    }

    public override string ToString() => _sql.ToString();

    private SqliteWhere Append(string sql, ReadOnlySpan<object> values)
    {
        var next = 0;
        foreach (var character in sql)
        {
            if (character == '@')
            {
                _values.Add(values[next++]);
                _sql.Append(CultureInfo.InvariantCulture, $"?{_values.Count}");
            }
            else
            {
                _sql.Append(character);
            }
        }

        return this;
    }
}
