using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage;

/// <summary>One backend with everything a host needs of it.</summary>
internal abstract class DatabaseBackend : IAsyncDisposable, IDisposable
{
    /// <summary>What the host prints about it: the kind and the address, never a secret.</summary>
    public abstract string Description { get; }

    /// <summary>The incidents.</summary>
    public abstract IIncidentStore Incidents { get; }

    /// <summary>The spans.</summary>
    public abstract ISpanStore Spans { get; }

    /// <summary>The rows of the artifacts.</summary>
    public abstract IArtifactStore Artifacts { get; }

    /// <summary>The bytes of the artifacts, kept in the same database.</summary>
    public abstract IArtifactContentStore Contents { get; }

    /// <summary>
    /// What start-up does: brings the tables up to date where that is allowed, and makes sure that what is written can be read back.
    /// </summary>
    /// <param name="contents">Where the bytes of artifacts are kept, here or elsewhere: a row that is written has its content there.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A sentence to warn with, or null when all is well.</returns>
    /// <exception cref="StoreSetupException">The host must not start: the sentence says what to change.</exception>
    /// <exception cref="StoreUnavailableException">The backend is down; a host may start all the same and recover by itself.</exception>
    public abstract ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken);

    /// <summary>The same where the bytes are kept in the database.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    public ValueTask<string?> PrepareAsync(CancellationToken cancellationToken) => PrepareAsync(Contents, cancellationToken);

    /// <summary>One quick look, without retries, for the readiness endpoint.</summary>
    /// <param name="cancellationToken">Cancels the look.</param>
    public abstract ValueTask<StoreHealth> CheckAsync(CancellationToken cancellationToken);

    /// <summary>What an operator should know although all works, such as who else can read the tables; null when there is nothing.</summary>
    /// <param name="cancellationToken">Cancels the look.</param>
    public abstract ValueTask<string?> FindWarningAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Whether a backend can serve.</summary>
/// <param name="IsHealthy">It answers, its tables are there and its rows are visible.</param>
/// <param name="Sentence">What is the matter and what to do, or that all is well; never a secret.</param>
internal readonly record struct StoreHealth(bool IsHealthy, string Sentence)
{
    /// <summary>All is well.</summary>
    public static StoreHealth Healthy { get; } = new(true, "The store answers and its tables are up to date.");
}
