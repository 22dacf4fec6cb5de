using AgentOps.Rca.Auditing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Auditing;

/// <summary>Records that wrong keys are sent: once a minute for each source, so that who guesses cannot fill a disk.</summary>
internal sealed partial class RefusedKeys(TimeProvider timeProvider, ILogger<RefusedKeys> logger)
{
    private const int MostSources = 1_000;
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _since = timeProvider.GetTimestamp();

    public static RefusedKeys Of(IServiceProvider services) =>
        new(services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RefusedKeys>>());

    public async ValueTask RecordAsync(HttpContext context)
    {
        var source = HttpAudit.SourceOf(context) ?? "";
        if (!IsFirst(source))
        {
            return;
        }

        try
        {
            await context.AuditAsync(
                AuditActions.KeyRefused, @object: null, outcome: AuditEntry.Refused, detail: $"{context.Request.Method} with a key that is none of this host, or is over").ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OperationCanceledException)
        {
            // The caller gets no other answer for it.
            LogNotRecorded(failure);
        }
    }

    private bool IsFirst(string source)
    {
        lock (_lock)
        {
            if (timeProvider.GetElapsedTime(_since) >= Span)
            {
                _sources.Clear();
                _since = timeProvider.GetTimestamp();
            }

            return _sources.Count < MostSources && _sources.Add(source);
        }
    }

    [LoggerMessage(LogLevel.Warning, "It could not be recorded that a wrong key was sent.")]
    private partial void LogNotRecorded(Exception failure);
}
