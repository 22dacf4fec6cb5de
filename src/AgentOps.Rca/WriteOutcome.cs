namespace AgentOps.Rca;

/// <summary>What an insert-if-absent did. Every write of a store is one, so repeating a write is always safe.</summary>
public enum WriteOutcome
{
    /// <summary>The record was not there and is stored now.</summary>
    Added,

    /// <summary>The same record, member for member, was there already; nothing was written.</summary>
    Duplicate,

    /// <summary>Another record is stored under this id; it stays as it is.</summary>
    Conflict,
}
