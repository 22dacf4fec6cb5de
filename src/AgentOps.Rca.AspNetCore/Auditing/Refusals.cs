using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Auditing;

/// <summary>
/// Records that wrong keys are sent, and that callers are not let in or asked to wait: once a minute for each source and what it asked for, so that who guesses cannot fill a disk.
/// </summary>
internal sealed partial class Refusals(TimeProvider timeProvider, ILogger<Refusals> logger)
{
    private const int MostSources = 1_000;
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _since = timeProvider.GetTimestamp();

    public static Refusals Of(IServiceProvider services) =>
        new(services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<Refusals>>());

    /// <summary>Records that a key was wrong.</summary>
    public ValueTask RecordWrongKeyAsync(HttpContext context) => RecordAsync(
        context, HttpAudit.SourceOf(context) ?? "", AuditActions.KeyRefused, $"{context.Request.Method} with a key that is none of this host, or is over");

    /// <summary>Records that a caller was not let in, or asked to wait; the pattern of the address stands there, and no id.</summary>
    public ValueTask RecordAsync(HttpContext context, ApiProblem problem)
    {
        var asked = $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";
        return RecordAsync(context, $"{Caller.Of(context).ShareOf(context)}\n{asked}\n{problem.Kind.Status}", AuditActions.Denied, $"{asked}: {problem.Detail}");
    }

    private async ValueTask RecordAsync(HttpContext context, string of, string action, string detail)
    {
        if (!IsFirst(of))
        {
            return;
        }

        try
        {
            await context.AuditAsync(action, @object: null, outcome: AuditEntry.Refused, detail: detail).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OperationCanceledException)
        {
            // The caller gets no other answer for it.
            LogNotRecorded(failure);
        }
    }

    private bool IsFirst(string of)
    {
        lock (_lock)
        {
            if (timeProvider.GetElapsedTime(_since) >= Span)
            {
                _sources.Clear();
                _since = timeProvider.GetTimestamp();
            }

            return _sources.Count < MostSources && _sources.Add(of);
        }
    }

    [LoggerMessage(LogLevel.Warning, "It could not be recorded that a request was refused.")]
    private partial void LogNotRecorded(Exception failure);
}
