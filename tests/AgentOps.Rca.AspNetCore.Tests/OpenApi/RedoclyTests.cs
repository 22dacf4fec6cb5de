using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.OpenApi;

/// <summary>Redocly, as npm has it, on our own description and on that of a host that has one too.</summary>
public sealed class RedoclyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("/rca")]
    public async Task Our_description_is_valid(string prefix)
    {
        await using var application = await StartAsync(prefix, describe: false);
        using var document = JsonDocument.Parse(await LintAsync(application, $"{prefix}/openapi/v1.json"));
        Assert.True(document.RootElement.GetProperty("paths").EnumerateObject().Count() > 15);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_description_of_the_host_stays_valid_with_our_endpoints_and_without_them(bool describe)
    {
        await using var application = await StartAsync("/rca", describe);
        using var document = JsonDocument.Parse(await LintAsync(application, "/host/v1.json"));
        var paths = document.RootElement.GetProperty("paths");
        Assert.True(paths.TryGetProperty("/orders", out _));
        Assert.Equal(describe, paths.TryGetProperty("/rca/incidents", out _));
        var ids = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Select(operation => operation.Value.TryGetProperty("operationId", out var id) ? id.GetString() : null).OfType<string>().ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    // What it answers at this path, once Redocly has found nothing wrong with it.
    private static async Task<string> LintAsync(WebApplication application, string path)
    {
        var directory = Path.Combine(Root(), "eng", "openapi");
        var program = Path.Combine(directory, "node_modules", "@redocly", "cli", "bin", "cli.js");
        Requires(File.Exists(program), "Redocly is not installed: npm install --prefix eng/openapi");
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
        var document = await client.GetStringAsync(new Uri(path, UriKind.Relative), Token);
        var file = Path.Combine(Path.GetTempPath(), $"agentops-rca-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, document, Token);
        try
        {
            var start = new ProcessStartInfo("node", [program, "lint", "--extends=spec", "--format=stylish", file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = directory,
                Environment = { ["REDOCLY_TELEMETRY"] = "off", ["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true" },
            };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(Token);
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, $"redocly ended with {process.ExitCode}: {output}\n{await errors}");
        }
        finally
        {
            File.Delete(file);
        }

        return document;
    }

    private static async Task<WebApplication> StartAsync(string prefix, bool describe)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenApi();
        builder.Services.AddAgentOpsRca().UseInMemory();
        builder.Services.Configure<AgentOpsRcaHttpOptions>(options => options.DescribeInHost = describe);
        var application = builder.Build();
        application.MapOpenApi("/host/{documentName}.json");
        application.MapGet("/orders", () => "none").WithName("list_orders");
        application.MapAgentOpsRca(prefix);
        await application.StartAsync(Token);
        return application;
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "AgentOps.Rca.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return directory;
    }

    private static void Requires(bool met, string otherwise)
    {
        if (!met && Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(otherwise);
        }

        Assert.SkipUnless(met, otherwise);
    }
}
