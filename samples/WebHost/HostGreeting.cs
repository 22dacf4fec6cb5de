using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tenancy;
using AgentOps.Rca.WebHost.Demo;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.WebHost;

/// <summary>Says where the host answers and what it runs on, without secrets.</summary>
internal static class HostGreeting
{
    private static string FirstIncident => $"#incident/{Scenario.FirstId}";

    /// <summary>Says first where to look once the host answers.</summary>
    public static void PrintPage(HostAddresses addresses, TextWriter output) => output.WriteLine($"""

        The page: {addresses.Shown}/
        (it answers when the demonstration below is through; the first incident is at {addresses.Shown}/{FirstIncident})
        """);

    public static void Print(WebApplication app, HostAddresses addresses, bool hasDemo, TextWriter output)
    {
        var address = addresses.Shown;
        var engines = app.Services.GetServices<IRcaEngine>().Select(engine => engine.Unavailable is null ? engine.Name : $"{engine.Name} (off)");
        output.WriteLine($"""

            AgentOps.Rca answers on {address}
              records   {app.Services.GetRequiredService<StorageBackend>().Name}
              artifacts {Artifacts(app)}
              engines   {string.Join(", ", engines)}
              mcp       {HostMcp.Describe(app, address)}
              tenants   {(app.Services.GetRequiredService<IRcaTenants>().IsOn ? "kept apart, each in stores of its own (the records above are the host's)" : "one")}
              callers   {(addresses.IsClosed ? "this machine only, since no key is set (keys new makes one; AGENTOPS_KEYS or AGENTOPS_API_KEY lets others in)" : "whoever has a key")}

            Open the page
              {address}/{(hasDemo ? FirstIncident : "")}

            Try
              {address}/docs
              curl {address}/incidents
            """);
        output.WriteLine(hasDemo
            ? $"""
                  curl {address}/incidents/{Scenario.FirstId}/kpis
                  curl -X POST {address}/replay/strict -H 'Content-Type: application/json' -d '{Body}'
                """
            : $$"""
                  curl {{address}}/incidents -H 'Content-Type: application/json' -d '{"order_id":"A-1","problem_type":"late_delivery"}'
                """);
    }

    private static string Artifacts(WebApplication app)
    {
        if (app.Services.GetRequiredService<IArtifactContentStore>() is FileSystemArtifactContentStore files)
        {
            return files.DirectoryPath;
        }

        // The embedded store keeps what is small itself.
        var directory = app.Services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ArtifactDirectory ?? "artifacts";
        return app.Services.GetRequiredService<StorageBackend>().Contents is null
            ? $"with the records, above 64 KiB in {Path.GetFullPath(directory, app.Environment.ContentRootPath)}"
            : "with the records";
    }

    private static string Body => $$"""{"incident_id":"{{Scenario.FirstId}}"}""";
}
