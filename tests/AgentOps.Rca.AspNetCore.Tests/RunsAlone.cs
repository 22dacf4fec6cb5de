namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>Tests that count what the process keeps in memory, which others beside them would add to.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "alone";
}
