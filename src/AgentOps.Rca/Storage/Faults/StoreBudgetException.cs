namespace AgentOps.Rca.Storage.Faults;

/// <summary>The budget of a call is used up. Never leaves the storage rooms.</summary>
internal sealed class StoreBudgetException(Exception lastFailure)
    : Exception("The store did not answer within the time allowed.", lastFailure);
