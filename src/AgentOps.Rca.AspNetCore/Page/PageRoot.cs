namespace AgentOps.Rca.AspNetCore.Page;

/// <summary>Marks the endpoint that answers a browser with the page.</summary>
/// <param name="Api">The API's address relative to it.</param>
internal sealed record PageRoot(string Api);
