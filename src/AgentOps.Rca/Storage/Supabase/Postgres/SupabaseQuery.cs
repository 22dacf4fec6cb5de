using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Puts a SELECT together from the filters that are set. Values only ever go in as parameters.</summary>
internal sealed class SupabaseQuery(string selectFrom)
{
    private readonly StringBuilder _where = new();
    private readonly List<NpgsqlParameter> _parameters = [];

    /// <summary>Adds a condition without a value.</summary>
    public SupabaseQuery Where(string condition)
    {
        _where.Append(_where.Length == 0 ? " where " : " and ").Append(condition);
        return this;
    }

    /// <summary>Adds a condition in which <c>{0}</c> stands for the value, unless the value is null.</summary>
    public SupabaseQuery WhereText(string condition, string? value) =>
        value is null ? this : Where(condition.Replace("{0}", Add(value, NpgsqlDbType.Text), StringComparison.Ordinal));

    /// <summary>Adds a condition in which <c>{0}</c> stands for the value, unless the value is null.</summary>
    public SupabaseQuery WhereNumber(string condition, long? value) =>
        value is not { } number ? this : Where(condition.Replace("{0}", Add(number, NpgsqlDbType.Bigint), StringComparison.Ordinal));

    /// <summary>Adds a parameter and yields its placeholder.</summary>
    public string Add<T>(T value, NpgsqlDbType type)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return $"${_parameters.Count}";
    }

    /// <summary>The command, in this order and of at most so many rows.</summary>
    public NpgsqlCommand Build(SupabaseConnection connection, string orderBy, int limit)
    {
        var command = connection.Command(
            $"{selectFrom}{_where} order by {orderBy} limit {Add((long)limit, NpgsqlDbType.Bigint)}");
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
