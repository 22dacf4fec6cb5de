namespace AgentOps.Rca.Testing;

/// <summary>
/// One kind of backend, shared by the tests of a suite: a server, a temporary directory, or nothing at all. Used as a class fixture.
/// </summary>
public abstract class StoreBackend : IAsyncLifetime
{
    /// <summary>The name that failures show, such as <c>SQLite</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Why the backend cannot be tested here, or null when it can.</summary>
    public virtual string? Unavailable => null;

    /// <summary>Whether what was written is still there after <see cref="StoreSet.ReopenAsync"/>.</summary>
    public virtual bool IsDurable => false;

    /// <summary>Whether <see cref="StoreSet.CorruptAsync"/> can damage stored content.</summary>
    public virtual bool CanCorruptContent => false;

    /// <summary>How many rows the paging tests write; smaller for a backend behind a network.</summary>
    public virtual int PagingRows => 3_000;

    /// <summary>How many characters of ASCII an id, a tool or an incident's id may have; an index of PostgreSQL holds three of them.</summary>
    public virtual int LongestKey => 2_000;

    /// <summary>Makes an empty set of stores that no other test sees.</summary>
    public abstract ValueTask<StoreSet> CreateAsync();

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
