using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage;

/// <summary>
/// One way of keeping the three kinds of record, swapped as a unit. Backends of your own are passed to <c>UseStorage</c>; to replace a
/// single store, register it in the services instead.
/// </summary>
public sealed class StorageBackend
{
    /// <summary>What it is and where, for people and without secrets: <c>SQLite (data/agentops-rca.db)</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Makes the store of incidents.</summary>
    public required Func<IServiceProvider, IIncidentStore> Incidents { get; init; }

    /// <summary>Makes the store of spans.</summary>
    public required Func<IServiceProvider, ISpanStore> Spans { get; init; }

    /// <summary>Makes the store of artifacts' rows.</summary>
    public required Func<IServiceProvider, IArtifactStore> Artifacts { get; init; }

    /// <summary>Makes the store of artifacts' bytes; null keeps them in the file system, in <c>./artifacts</c>.</summary>
    public Func<IServiceProvider, IArtifactContentStore>? Contents { get; init; }

    /// <summary>Brings the backend into working order when the host starts, such as its tables; null does nothing.</summary>
    public Func<IServiceProvider, CancellationToken, ValueTask>? Prepare { get; init; }

    /// <summary>Says in a sentence what keeps it from working now, or null when nothing does.</summary>
    public Func<IServiceProvider, CancellationToken, ValueTask<string?>>? FindFault { get; init; }

    /// <summary>Says in a sentence what an operator should know although it works, such as who else can read the records; null when nothing.</summary>
    public Func<IServiceProvider, CancellationToken, ValueTask<string?>>? FindWarning { get; init; }
}
