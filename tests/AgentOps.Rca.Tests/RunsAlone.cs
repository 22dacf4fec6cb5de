namespace AgentOps.Rca.Tests;

/// <summary>Tests that count what the process allocates, which others beside them would add to.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "alone";
}
