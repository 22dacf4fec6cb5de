namespace AgentOps.Rca.Tests.Artifacts;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agentops-artifacts-").FullName;

    /// <summary>Every file below the directory, as relative paths.</summary>
    public IEnumerable<string> Files => Directory
        .EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Path, file));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
