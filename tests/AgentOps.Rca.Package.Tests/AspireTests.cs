using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Package.Tests;

/// <summary>
/// The files of docs/aspire.md as they stand there, with the packed packages, on a real app host and a real PostgreSQL. With <c>./test.sh --full</c> only, since Aspire's packages
/// are some hundreds of megabytes.
/// </summary>
[Collection<PackedOnce>]
public sealed partial class AspireTests(PackedPackages packages) : IDisposable
{
    private static readonly string Key = RandomNumberGenerator.GetHexString(64, lowercase: true);

    private readonly TemporaryDirectory _directory = new();
    private readonly StringBuilder _printed = new();
    private readonly string _database = $"aspire_{Guid.NewGuid():N}";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_incident_of_an_agent_in_the_app_host_of_the_document_is_kept_in_its_database_with_its_cause()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_FULL") == "1", "It is run with AGENTOPS_FULL=1.");
        var server = Environment.GetEnvironmentVariable("AGENTOPS_TEST_POSTGRES");
        Assert.SkipUnless(server is not null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", "This test needs AGENTOPS_TEST_POSTGRES; ./test.sh sets it.");
        var postgres = new Uri(server!);
        var port = TestPort.Take();
        await WriteAsync(port);
        await Repository.RunAsync(_directory.Path, "dotnet", ["build", "AppHost", "-nologo", "-v", "quiet", .. packages.Settings]);

        await Repository.RunAsync(_directory.Path, "psql", server!, "-qc", $"create database {_database}");
        using var host = Process.Start(Start(postgres))!;
        host.OutputDataReceived += (_, line) => Keep(line.Data);
        host.ErrorDataReceived += (_, line) => Keep(line.Data);
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), DefaultRequestHeaders = { { "X-Api-Key", Key } } };
            var overview = await UntilAsync(client, "/incidents?view=overview", text => text.Contains("\"identified\"", StringComparison.Ordinal));
            Assert.Contains("tool.call/", overview, StringComparison.Ordinal);
            Assert.Contains("\"PostgreSQL at ", await client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken), StringComparison.Ordinal);

            using var stranger = new HttpClient { BaseAddress = client.BaseAddress };
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/incidents", TestContext.Current.CancellationToken)).StatusCode);
        }
        finally
        {
            // The app host ends its orchestrator and the programs when it is asked to, not when it is killed.
            await Repository.RunAsync(_directory.Path, "bash", "-c", $"kill -TERM {host.Id}");
            await host.WaitForExitAsync(CancellationToken.None);
            await Repository.RunAsync(_directory.Path, "psql", server!, "-qc", $"drop database {_database} with (force)");
        }
    }

    private ProcessStartInfo Start(Uri postgres)
    {
        var credentials = postgres.UserInfo.Split(':');
        return new ProcessStartInfo(_directory["AppHost/bin/Debug/net10.0/AppHost"])
        {
            WorkingDirectory = _directory["AppHost"],
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ConnectionStrings__rca"] = $"Host={postgres.Host};Port={postgres.Port};Username={credentials[0]};Password={credentials[1]};Database={_database}",
                ["Parameters__rca-key"] = Key,
                ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{TestPort.Take()}",
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://127.0.0.1:{TestPort.Take()}",
            },
        };
    }

    private void Keep(string? line)
    {
        lock (_printed)
        {
            _printed.AppendLine(line);
        }
    }

    // What the document shows, the sample that it names, and nothing else.
    private async Task WriteAsync(int port)
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "aspire.md"), TestContext.Current.CancellationToken);
        var files = Files().Matches(document);
        Assert.Equal(["AppHost/AppHost.csproj", "AppHost/AppHost.cs", "Rca/Rca.csproj", "Rca/Program.cs"], files.Select(file => file.Groups["path"].Value));
        foreach (Match file in files)
        {
            await WriteAsync(file.Groups["path"].Value, file.Groups["text"].Value.Replace("port: 5380", $"port: {port}", StringComparison.Ordinal));
        }

        var samples = Path.Combine(Repository.Root, "samples");
        foreach (var name in new[] { "ScriptedChatClient.cs", "ShippingTools.cs" })
        {
            await WriteAsync($"Agent/{name}", await File.ReadAllTextAsync(Path.Combine(samples, "OrderAgent", name), TestContext.Current.CancellationToken));
        }

        var agent = await File.ReadAllTextAsync(Path.Combine(samples, "AgentFrameworkAgent", "Program.cs"), TestContext.Current.CancellationToken);
        const string exporter = "    .AddOtlpExporter()\n";
        Assert.Contains(exporter, agent, StringComparison.Ordinal);
        await WriteAsync("Agent/Program.cs", agent.Replace(exporter, Exporters().Match(document).Groups["text"].Value, StringComparison.Ordinal));

        var project = await File.ReadAllTextAsync(Path.Combine(samples, "AgentFrameworkAgent", "AgentFrameworkAgent.csproj"), TestContext.Current.CancellationToken);
        var versions = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Directory.Packages.props"), TestContext.Current.CancellationToken);
        project = Reference().Replace(project, match => $"{match.Value} Version=\"{Regex.Match(versions, $"\"{Regex.Escape(match.Groups[1].Value)}\" Version=\"([^\"]+)\"").Groups[1].Value}\"");
        project = Shared().Replace(project, "").Replace("</OutputType>", "</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>", StringComparison.Ordinal);
        await WriteAsync("Agent/Agent.csproj", project);
    }

    private async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[path])!);
        await File.WriteAllTextAsync(_directory[path], text, TestContext.Current.CancellationToken);
    }

    private async Task<string> UntilAsync(HttpClient client, string path, Func<string, bool> isDone)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        var last = "no answer";
        try
        {
            while (true)
            {
                try
                {
                    last = await client.GetStringAsync(path, limit.Token);
                    if (isDone(last))
                    {
                        return last;
                    }
                }
                catch (HttpRequestException)
                {
                    // It has not started yet.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"Three minutes later {path} answered {last}, and the app host has printed\n{_printed}");
            throw;
        }
    }

    [GeneratedRegex(@"^`(?<path>[\w/]+\.\w+)`:\n\n```\w+\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex(@"^```csharp\n(?<text>    \.AddOtlpExporter.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Exporters();

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("<Compile [^>]*/>")]
    private static partial Regex Shared();
}
