using System.Net;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.ReadyHost;

/// <summary>The ready host as it starts: closed, unless somebody has opened it.</summary>
public sealed class ClosedByDefaultTests
{
    private const string Key = "a-key-for-everybody-0123456789-abcdef-xyz";
    private static readonly string[] Loopback = ["0100007F", "00000000000000000000000001000000"];

    [Fact]
    public async Task With_nothing_set_it_listens_on_this_machine_only_and_says_so()
    {
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string>());
        await host.WaitAsync();

        Assert.NotEmpty(host.Listening());
        Assert.Empty(host.Listening().Except(Loopback));
        Assert.Contains(Loopback[0], host.Listening());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(host));
        await Task.Delay(200);
        Assert.Contains("this machine only", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AGENTOPS_API_KEY")]
    [InlineData("AGENTOPS_KEYS")]
    public async Task With_a_key_it_listens_everywhere_and_asks_for_it(string setting)
    {
        var key = CallerKey.Create("ann", [CallerScopes.Read], null, out var secret);
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { [setting] = setting == "AGENTOPS_KEYS" ? key.ToString() : Key });
        await host.WaitAsync();

        Assert.NotEmpty(host.Listening().Except(Loopback));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(host));
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", setting == "AGENTOPS_KEYS" ? secret : Key);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(host));
    }

    [Theory]
    [InlineData("ENVIRONMENT", "production")]
    [InlineData("ASPNETCORE_ENVIRONMENT", "Production")]
    [InlineData("DOTNET_ENVIRONMENT", "Production")]
    [InlineData("DOTNET_ENVIRONMENT", "Staging")]
    public async Task Whatever_name_says_production_a_key_is_asked_for(string name, string value)
    {
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { [name] = value });
        await host.WaitAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(host));
    }

    [Theory]
    [InlineData("--urls", "http://127.0.0.1:{port}")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:{port}")]
    public async Task The_usual_names_say_where_it_listens(string name, string value)
    {
        var isArgument = name.StartsWith('-');
        await using var host = ReadyHostProcess.Start(
            isArgument ? new Dictionary<string, string> { ["PORT"] = "1" } : new Dictionary<string, string> { [name] = value, ["PORT"] = "1" },
            isArgument ? [name, value] : []);
        await host.WaitAsync();

        Assert.Equal([Loopback[0]], host.Listening());
    }

    [Theory]
    [InlineData("http://0.0.0.0:{port}")]
    [InlineData("http://*:{port}")]
    [InlineData("http://[::]:{port}")]
    [InlineData("http://127.0.0.1:{port};http://rca.example:{port}")]
    public async Task An_address_that_others_reach_needs_a_key(string urls)
    {
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string>(), "--urls", urls);

        Assert.NotEqual(0, await host.WaitForEndAsync());
        Assert.Contains("is reached by other machines, and no key is set", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("FALSE")]
    [InlineData("No")]
    [InlineData("OFF")]
    [InlineData("0")]
    public async Task A_host_that_is_told_to_ask_for_no_key_is_closed_however_that_is_written(string word)
    {
        await using var host = ReadyHostProcess.Start(
            new Dictionary<string, string> { ["ENVIRONMENT"] = "production", ["AgentOpsRca__Http__RequireApiKey"] = word, ["AGENTOPS_API_KEY"] = Key }, "--urls", "http://*:{port}");

        Assert.NotEqual(0, await host.WaitForEndAsync());
        Assert.Contains("is reached by other machines, and no key is set", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_and_listed_by_commands_and_a_host_takes_them()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(directory.FullName, "keys.txt");
            var (made, output) = await RunAsync("keys", "new", "shop-agents", "--scopes", "ingest", "--file", file);
            var (second, _) = await RunAsync("keys", "new", "on-call-ann", "--scopes", "read,decide", "--expires", "never", "--file", file);
            var (again, _) = await RunAsync("keys", "new", "on-call-ann", "--scopes", "read", "--file", file);
            var (unknown, _) = await RunAsync("keys", "new", "x", "--scopes", "everything");
            var (listed, list) = await RunAsync("keys", "list", "--file", file);
            var secret = output.Split('\n').Single(line => line.StartsWith("rca_", StringComparison.Ordinal)).Trim();

            Assert.Equal((0, 0, 1, 1, 0), (made, second, again, unknown, listed));
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.DoesNotContain("sha256", list, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file));
            Assert.Contains("on-call-ann", list, StringComparison.Ordinal);
            await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { ["AGENTOPS_KEYS"] = file });
            await host.WaitAsync();
            host.Client.DefaultRequestHeaders.Add("X-Api-Key", secret);
            Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(host));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var process = ReadyHostProcess.Start(new Dictionary<string, string>(), arguments);
        return (await process.WaitForEndAsync(), process.Output);
    }

    private static async Task<HttpStatusCode> AskAsync(ReadyHostProcess host)
    {
        using var answer = await host.Client.GetAsync(new Uri("/incidents", UriKind.Relative));
        return answer.StatusCode;
    }
}
