using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Auditing;

/// <summary>Records that a host has started, with what of its settings says who may do what.</summary>
internal static partial class StartRecord
{
    public static void WhenStarted(IServiceProvider services, CallerGate gate)
    {
        if (services.GetService<IHostApplicationLifetime>() is not { } lifetime)
        {
            return;
        }

        lifetime.ApplicationStarted.Register(() => _ = RecordAsync(services, gate, lifetime.ApplicationStopping));
    }

    // A store that is down at the start is no reason not to start: what comes then is recorded when it comes.
    private static async Task RecordAsync(IServiceProvider services, CallerGate gate, CancellationToken stopping)
    {
        try
        {
            var options = services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
            var environment = services.GetService<IHostEnvironment>()?.EnvironmentName ?? "unknown";
            var keys = string.Join(", ", gate.Authentication.Keys.Names);
            var entry = new AuditEntry
            {
                Action = AuditActions.Start,
                Object = $"host/{Environment.MachineName}",
                Detail = $"environment {environment}, store {services.GetRequiredService<StorageBackend>().Name}, a key is asked for {Words(gate.Demand)}, keys: {(keys.Length == 0 ? "none" : keys)}, four eyes {(options.FourEyes ? "on" : "off")}",
            };
            var audit = services.GetRequiredService<IAuditTrail>();
            if (audit is AuditTrail own && gate.Demand == KeyDemand.None)
            {
                // A host that somebody tries out is recorded when something is done with it.
                own.Announce(entry);
            }
            else
            {
                await audit.RecordAsync(entry, stopping).ConfigureAwait(false);
            }
        }
        catch (Exception failure)
        {
            LogNotRecorded(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StartRecord)), failure);
        }
    }

    private static string Words(KeyDemand demand) => demand switch
    {
        KeyDemand.None or KeyDemand.Off => "from nobody",
        KeyDemand.Always => "from everybody",
        _ => "from everybody whom the host itself does not know",
    };

    [LoggerMessage(LogLevel.Warning, "It could not be recorded that the host has started.")]
    private static partial void LogNotRecorded(ILogger logger, Exception failure);
}
