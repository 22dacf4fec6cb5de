using System.Diagnostics;
using System.Globalization;

namespace AgentOps.Rca.Testing;

/// <summary>The sample host as a program to be started, with nothing set but what a test sets.</summary>
public static class ReadyHostProgram
{
    private static readonly string[] Cleared =
    [
        "SUPABASE_DB_URL", "SUPABASE_URL", "SUPABASE_KEY", "ARTIFACT_DIR", "ARTIFACT_BUCKET", "GROQ_API_KEY", "AGENTOPS_API_KEY", "AGENTOPS_KEYS", "AGENTOPS_SIGNING_KEY",
        "ENVIRONMENT", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "PORT",
    ];

    /// <summary>What starts it on a port, in a directory.</summary>
    /// <param name="directory">The working directory.</param>
    /// <param name="port">The port that <c>PORT</c> names.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="wrapper">A program that it runs inside of, such as strace, and its arguments; nothing runs it by itself.</param>
    public static ProcessStartInfo Prepare(DirectoryInfo directory, int port, IEnumerable<string>? arguments = null, IEnumerable<string>? wrapper = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        string[] command = [.. wrapper ?? [], "dotnet", Program(), .. arguments ?? []];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var name in Cleared)
        {
            start.Environment.Remove(name);
        }

        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    // The same configuration as that of the tests: bin/<configuration>/<framework>.
    private static string Program()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = framework.Parent!.Parent!.Parent!.Parent!.Parent!;
        return Path.Combine(root.FullName, "samples/WebHost/bin", framework.Parent.Name, framework.Name, "agentops-rca.dll");
    }
}
