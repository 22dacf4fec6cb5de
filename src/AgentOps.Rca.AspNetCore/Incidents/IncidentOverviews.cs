using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>The list of incidents as people read it: <c>GET /incidents?view=overview</c>.</summary>
internal static class IncidentOverviews
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static async ValueTask<(JsonHttpResult<IReadOnlyList<IncidentOverview>>? Rows, ApiProblem? Problem)> ListAsync(
        HttpContext context, QueryValues values, IIncidentReader reader, CancellationToken cancellationToken)
    {
        var query = new IncidentOverviewQuery
        {
            Status = values.Text("status"),
            ProblemType = values.Text("problem_type"),
            OrderId = values.Text("order_id", alias: IncidentSubject.Member),
            Text = values.Text("q"),
            Verdict = Verdict(values),
            Tool = values.Text("tool"),
            Since = values.Instant("since"),
            Until = values.Instant("until"),
            After = values.Cursor(IncidentCursorText.Read),
            Limit = values.Limit(DefaultLimit, MaxLimit),
        };
        if (query is { Since: { } since, Until: { } until } && since >= until)
        {
            values.Fail("until", "It must be later than since.");
        }

        if (values.Problem is { } problem)
        {
            return (null, problem);
        }

        var page = await reader.ListAsync(query, cancellationToken).ConfigureAwait(false);
        if (page.Next is { } next)
        {
            PageLink.AddNext(context, IncidentCursorText.Write(next));
        }

        return (JsonAnswer.Ok(page.Rows, ReadingJson.Overviews), null);
    }

    private static OverviewVerdict? Verdict(QueryValues values)
    {
        switch (values.Text("verdict"))
        {
            case null:
                return null;
            case "identified":
                return OverviewVerdict.Identified;
            case "inconclusive":
                return OverviewVerdict.Inconclusive;
            case "none":
                return OverviewVerdict.None;
            default:
                values.Fail("verdict", "It must be identified, inconclusive, or none for incidents that have not been analysed.");
                return null;
        }
    }
}
