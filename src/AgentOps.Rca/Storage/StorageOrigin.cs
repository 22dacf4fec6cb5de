namespace AgentOps.Rca.Storage;

/// <summary>The call that chose the backend; none when the settings did.</summary>
/// <param name="Call">The call, such as <c>UseSqlite()</c>.</param>
internal sealed record StorageOrigin(string Call);
