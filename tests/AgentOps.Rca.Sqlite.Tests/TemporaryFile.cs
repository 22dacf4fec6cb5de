namespace AgentOps.Rca.Sqlite.Tests;

/// <summary>The path of a database in a directory of its own, which goes with it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agentops-rca-").FullName;

    public string Path => System.IO.Path.Combine(_directory, "rca.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
