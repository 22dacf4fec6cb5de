using AgentOps.Rca.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Settings;

/// <summary>What paths are relative to: the host's content root, or the working directory where there is no host.</summary>
internal sealed class ContentRoot(IHostEnvironment? environment = null)
{
    /// <summary>The path, in full when it would mean another place in the working directory.</summary>
    public string Resolve(string path) =>
        environment?.ContentRootPath is not { Length: > 0 } root || IsWorkingDirectory(root) ? path : Path.Combine(Path.GetFullPath(root), path);

    private static bool IsWorkingDirectory(string root) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) == Path.TrimEndingDirectorySeparator(Directory.GetCurrentDirectory());
}

/// <summary>Finds the paths among the settings.</summary>
internal sealed class ContentRootPaths(ContentRoot root, RcaTenant? tenant = null) : IPostConfigureOptions<AgentOpsRcaOptions>
{
    private const string PemStart = "-----BEGIN";

    public void PostConfigure(string? name, AgentOpsRcaOptions options)
    {
        options.DataDirectory = RcaTenant.DirectoryIn(Find(options.DataDirectory) ?? options.DataDirectory, tenant);
        options.ArtifactDirectory = Find(options.ArtifactDirectory) is { } artifacts ? RcaTenant.DirectoryIn(artifacts, tenant) : null;
        options.ArtifactBucket = options.ArtifactBucket is { Length: > 0 } bucket && tenant is not null ? $"{bucket}.{tenant.Name}" : options.ArtifactBucket;
        options.SigningKey = FindKey(options.SigningKey);
        options.TrustedKeys = FindKey(options.TrustedKeys);
        options.Keys = options.Keys?.Contains(CallerKeyText.HashStart, StringComparison.Ordinal) == true ? options.Keys : Find(options.Keys);
    }

    private string? Find(string? path) => string.IsNullOrWhiteSpace(path) ? path : root.Resolve(path);

    private string? FindKey(string? textOrPath) => textOrPath?.Contains(PemStart, StringComparison.Ordinal) == true ? textOrPath : Find(textOrPath);
}
