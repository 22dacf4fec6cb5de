namespace AgentOps.Rca;

/// <summary>Marks services that there is one of in a process, and none among the services of a tenant.</summary>
internal interface IOfTheHostAlone;
