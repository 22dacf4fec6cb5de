using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Patterns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Patterns;

internal static class PatternsEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;
    private const int Recurring = 2;

    public static void MapPatterns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/rca/patterns", ListAsync)
            .WithTags("patterns")
            .WithName("rca_list_patterns")
            .WithSummary("The failures that come back, the most frequent first.")
            .Produces<IReadOnlyList<PatternResponse>>()
            .Fails(400, 503);
        api.OnlyMethods("/rca/patterns", "GET");
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<PatternResponse>>, ApiProblem>> ListAsync(
        HttpContext context, RcaPatterns patterns, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var limit = values.Limit(DefaultLimit, MaxLimit);
        var to = values.Instant("to") ?? timeProvider.GetUtcNow();
        var from = values.Instant("from") ?? DateTimeOffset.UnixEpoch;
        var query = new PatternQuery
        {
            From = from,
            To = to,
            MinCount = values.Whole("min_count", least: 1) ?? Recurring,
            Category = values.Text("category"),
            Tool = values.Text("tool"),
            After = values.Cursor(PatternCursorText.Read),
            Limit = limit + 1,
        };
        if (from >= to)
        {
            values.Fail("to", "It must be later than from.");
        }

        if (values.Problem is { } problem)
        {
            return problem;
        }

        var page = await patterns.ListAsync(query, cancellationToken).ConfigureAwait(false);
        if (page.Count > limit)
        {
            page = [.. page.Take(limit)];
            PageLink.AddNext(context, PatternCursorText.Write(page[^1]));
        }

        return JsonAnswer.Ok((IReadOnlyList<PatternResponse>)[.. page.Select(PatternResponse.Of)], PatternsJsonContext.Default.IReadOnlyListPatternResponse);
    }
}
