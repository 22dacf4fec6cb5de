using AgentOps.Rca.AspNetCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary>Where records are kept, as the command line names it: PostgreSQL by its connection string, or a file of SQLite by its path.</summary>
internal static class Database
{
    private const string DefaultArtifacts = "artifacts";

    public static bool IsAddress(string target) => Uri.TryCreate(target, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    public static bool IsPostgres(string target) =>
        target.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
        || target.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    /// <summary>Services over it.</summary>
    /// <param name="target">The connection string or the path.</param>
    /// <param name="artifacts">Where the bytes of artifacts are beside a SQLite file; null is <c>./artifacts</c>, as of the ready host.</param>
    public static ServiceProvider Open(string target, string? artifacts)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        var isPostgres = IsPostgres(target);
        var rca = services.AddAgentOpsRca(options => options.ArtifactDirectory = artifacts ?? (isPostgres ? null : Path.GetFullPath(DefaultArtifacts)));
        try
        {
            _ = isPostgres ? rca.UsePostgres(target) : rca.UseSqlite(Path.GetFullPath(target));
        }
        catch (ArgumentException wrong)
        {
            throw new ToolException(wrong.Message.Split(" (Parameter")[0]);
        }

        services.Configure<AgentOpsRcaHttpOptions>(static options => options.RequireApiKey = false);
        return services.BuildServiceProvider();
    }
}
