using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Incidents through the Data API.</summary>
internal sealed class SupabaseApiIncidentStore(SupabaseApiClient client) : IIncidentStore
{
    private const int PageSize = 1_000;

    private const string Select = "select=id,order_id,problem_type,eta_delta_hours,status,created_ts,details";

    public async ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(incident);
        using var inserted = await client.InsertAsync(
            "incidents?on_conflict=id&select=id", ApiBody.Write(writer => ApiRows.Write(writer, incident)), cancellationToken).ConfigureAwait(false);
        if (inserted.RootElement.GetArrayLength() == 1)
        {
            return WriteOutcome.Added;
        }

        var stored = await GetAsync(incident.Id, cancellationToken).ConfigureAwait(false) ?? throw SupabaseIncidentStore.HiddenRows("incidents");
        return stored.IsSameAs(incident) ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
    }

    public async ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        using var rows = await client.GetAsync($"incidents?id=eq.{id}&{Select}", cancellationToken).ConfigureAwait(false);
        return rows.RootElement.GetArrayLength() == 0 ? null : ApiRows.ReadIncident(rows.RootElement[0]);
    }

    public async IAsyncEnumerable<Incident> ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        while (left > 0)
        {
            using var rows = await client.GetAsync(BuildPage(query, Math.Min(left, PageSize)), cancellationToken).ConfigureAwait(false);
            // Nothing lies before the first time that there is.
            if (rows.RootElement.GetArrayLength() == 0 || query.After?.CreatedTs == DateTimeOffset.MinValue)
            {
                yield break;
            }

            foreach (var row in rows.RootElement.EnumerateArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var incident = ApiRows.ReadIncident(row);
                query = query with { After = new IncidentCursor(incident.CreatedTs, incident.Id) };
                // A text too long for a header was only filtered, or searched, by its beginning.
                if (left > 0 && Matches(incident, query))
                {
                    left--;
                    yield return incident;
                }
            }
        }
    }

    public async ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(status);
        using var changed = await client.UpdateAsync(
            $"incidents?id=eq.{id}&status=eq.{ApiFilter.Value(expected)}&select=id",
            ApiBody.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("status", status);
                writer.WriteEndObject();
            }),
            once: true,
            cancellationToken).ConfigureAwait(false);
        return changed.RootElement.GetArrayLength() == 1;
    }

    private static bool Matches(Incident incident, IncidentQuery query) =>
        (query.Status ?? incident.Status) == incident.Status
        && (query.ProblemType ?? incident.ProblemType) == incident.ProblemType
        && (query.OrderId ?? incident.OrderId) == incident.OrderId
        && (query.Text is not { } text || TextSearch.Contains(incident.OrderId, text) || TextSearch.Contains(incident.ProblemType, text));

    private static string BuildPage(IncidentQuery query, int size)
    {
        var path = new StringBuilder("incidents?").Append(Select)
            .Append("&order=created_ts.desc,id.desc&limit=").Append(ApiFilter.Number(size));
        Append(path, "status", query.Status);
        Append(path, "problem_type", query.ProblemType);
        Append(path, "order_id", query.OrderId);
        if (TextSearch.ToRegularExpression(query.Text is null ? null : ApiFilter.Beginning(query.Text)) is { } expression)
        {
            var quoted = ApiFilter.Quoted(expression);
            path.Append("&or=(order_id.match.").Append(quoted).Append(",problem_type.match.").Append(quoted).Append(')');
        }

        if (query.After is { } after)
        {
            var time = ApiFilter.Time(after.CreatedTs);
            path.Append("&created_ts=lte.").Append(time)
                .Append("&or=(created_ts.lt.").Append(time).Append(",id.lt.").Append(after.Id).Append(')');
        }

        return path.ToString();
    }

    private static void Append(StringBuilder path, string column, string? value)
    {
        if (value is not null)
        {
            path.Append('&').Append(ApiFilter.IsEqual(column, value));
        }
    }
}
