using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage;

/// <summary>
/// One way of keeping the three kinds of record, swapped as a unit. Backends of your own are passed to <c>UseStorage</c>, and belong to the
/// services from then on, which dispose them; the package AgentOps.Rca.Testing checks them. To replace a single store, register it in the services
/// instead.
/// </summary>
public abstract class StorageBackend : IAsyncDisposable, IDisposable
{
    /// <summary>What it is and where, for people and without secrets: <c>SQLite (data/agentops-rca.db)</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The store of incidents.</summary>
    public abstract IIncidentStore Incidents { get; }

    /// <summary>The store of spans.</summary>
    public abstract ISpanStore Spans { get; }

    /// <summary>The store of artifacts' rows.</summary>
    public abstract IArtifactStore Artifacts { get; }

    /// <summary>The store of artifacts' bytes; null, the default, keeps them in the file system, in <c>./artifacts</c>.</summary>
    public virtual IArtifactContentStore? Contents => null;

    /// <summary>Where small content lies beside the rows of artifacts, when larger content is in the file system; null where it does not.</summary>
    internal virtual ISmallContents? SmallContents => null;

    /// <summary>Tells how much it keeps; null when the backend cannot tell.</summary>
    internal virtual IStoredBytes? StoredBytes => this as IStoredBytes;

    /// <summary>Gives spans their incident later; null when the backend cannot. By default the store of spans, if it is one.</summary>
    public virtual ISpanLinker? Linker => Spans as ISpanLinker;

    /// <summary>Deletes old spans without an incident; null when the backend cannot. By default the store of spans, if it does.</summary>
    public virtual ISpanRetention? Retention => Spans as ISpanRetention;

    /// <summary>
    /// Brings the backend into working order when the host starts, such as its tables, and makes sure that what is written can be read back.
    /// </summary>
    /// <param name="contents">Where the bytes of artifacts are kept, here or elsewhere: a row that is written has its content there.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A sentence to warn with, or null when all is well.</returns>
    /// <exception cref="StoreSetupException">The host must not start: the sentence says what to change.</exception>
    /// <exception cref="StoreUnavailableException">The backend is down; a host starts all the same, and this is called again until it is up.</exception>
    public virtual ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken = default) => default;

    /// <summary>One quick look, without retries, at whether there is anything: what prepares it may wait long for what is not there.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer.</exception>
    internal virtual ValueTask ReachAsync(CancellationToken cancellationToken) => default;

    /// <summary>Says in a sentence what keeps it from working now, or null when nothing does: one quick look, without retries.</summary>
    /// <param name="cancellationToken">Cancels the look.</param>
    public virtual ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken = default) => default;

    /// <summary>Says in a sentence what an operator should know although it works, such as who else can read the records; null when nothing.</summary>
    /// <param name="cancellationToken">Cancels the look.</param>
    public virtual ValueTask<string?> FindWarningAsync(CancellationToken cancellationToken = default) => default;

    /// <summary>Finishes what was accepted and closes what was opened.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public void Dispose()
    {
        // Away from the caller's context, to which nothing here returns.
        Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Finishes what was accepted and closes what was opened; may be called twice. By default there is nothing to close.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;
}
