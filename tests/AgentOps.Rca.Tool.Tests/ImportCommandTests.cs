using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.Tool.Tests;

/// <summary><c>import</c> into a running ready host, and into the databases of hosts.</summary>
public sealed class ImportCommandTests(PackedTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_goes_into_a_running_host_once_and_its_cause_is_found_and_shown()
    {
        var feed = CallerKey.Create("feed", [CallerScopes.Ingest], null, out var feedSecret);
        var ann = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Analyze], null, out var annSecret);
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { ["AGENTOPS_KEYS"] = $"{feed};{ann}" });
        await host.WaitAsync();
        var address = host.Client.BaseAddress!.ToString();
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);

        var first = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", address, "--api-key", feedSecret);
        Assert.True(first.ExitCode == 0, first.Output + first.Errors);
        var answer = JsonElement.Parse(first.Output);
        var (id, added) = (answer.GetProperty("incident_id").GetString()!, answer.GetProperty("spans").GetProperty("added").GetInt64());
        Assert.True(added > 0 && answer.GetProperty("created").GetBoolean());
        Assert.Contains($"{added} spans are new, 0 were there, 0 were refused; incident {id} is new.", first.Errors, StringComparison.Ordinal);
        var second = await tool.RunAsync(_directory.Path, Sessions.Failing, "import", "-", "--to", address, "--api-key", feedSecret);
        Assert.Contains($"0 spans are new, {added} were there, 0 were refused; incident {id}.", second.Errors, StringComparison.Ordinal);

        host.Client.DefaultRequestHeaders.Add("X-Api-Key", annSecret);
        using var analyzed = await host.Client.PostAsync(new Uri("rca/analyze", UriKind.Relative), new StringContent($$"""{"incident_id":"{{id}}"}""", Encoding.UTF8, "application/json"), Token);
        Assert.Equal("identified", JsonElement.Parse(await analyzed.Content.ReadAsStringAsync(Token)).GetProperty("verdict").GetString());
        var shown = JsonElement.Parse(await host.Client.GetStringAsync(new Uri("incidents?view=overview", UriKind.Relative), Token));
        Assert.Equal((1, id), (shown.GetArrayLength(), shown[0].GetProperty("id").GetString()));
        Assert.Contains("tool.call/mcp__shop__refund", shown[0].GetProperty("cause").GetString(), StringComparison.Ordinal);

        await RefusedAsync("asks for a key; --api-key sends one. (401)", address);
        await RefusedAsync("does not know this key, or it has ended. (401)", address, "--api-key", "rca_wrong");
        await RefusedAsync("does not let this key take files in; it needs the scope ingest. (403)", address, "--api-key", annSecret);
        await RefusedAsync("takes no files in there: it is no host of AgentOps.Rca, or its API is below another path. (404)", address + "elsewhere", "--api-key", feedSecret);
        await File.WriteAllTextAsync(_directory["run.jsonl"], "no trace at all", Token);
        await RefusedAsync("is no trace of a known format", address, "--api-key", feedSecret);
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_or_says_nothing_is_told_in_a_sentence()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        await RefusedAsync("Nothing listens at http://127.0.0.1:1.", "http://127.0.0.1:1");
        await RefusedAsync("There is no machine of the name nowhere.invalid.", "http://nowhere.invalid");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await RefusedAsync("took nothing and answered nothing for 1 s", $"http://{silent.LocalEndpoint}", "--timeout", "1");
        await RefusedAsync("cannot be reached safely", $"https://{await PlainAsync()}", "--timeout", "20");
        await RefusedAsync("--timeout must be a number of seconds", "http://127.0.0.1:1", "--timeout", "soon");
    }

    [Fact]
    public async Task A_host_finds_in_its_database_what_was_imported_into_it()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string>());
        await host.WaitAsync();
        Assert.Equal("[]", await host.Client.GetStringAsync(new Uri("incidents", UriKind.Relative), Token));
        var database = Directory.EnumerateFiles(Path.Combine(host.Directory, "data"), "*.db").Single();
        var run = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", database, "--artifacts", Path.Combine(host.Directory, "artifacts"));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        var id = System.Text.RegularExpressions.Regex.Match(run.Output, "incident ([0-9a-f-]{36}) is new").Groups[1].Value;
        using var analyzed = await host.Client.PostAsync(new Uri("rca/analyze", UriKind.Relative), new StringContent($$"""{"incident_id":"{{id}}"}""", Encoding.UTF8, "application/json"), Token);
        Assert.Equal("identified", JsonElement.Parse(await analyzed.Content.ReadAsStringAsync(Token)).GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData(413, "", "takes no file of this size; import it into its database, or raise AgentOpsRca:Http:MaxImportBytes there. (413) It says: At most 10 bytes.")]
    [InlineData(429, "Retry-After: 7", "takes no more at the moment; send the file again in 7 s. (429)")]
    [InlineData(429, "", "takes no more at the moment; send the file again later. (429)")]
    [InlineData(503, "Retry-After: 30", "has too much to do, or cannot reach its store, at the moment; send the file again in 30 s. (503)")]
    [InlineData(503, "", "send the file again later. (503)")]
    [InlineData(301, "Location: https://elsewhere.example/api/imports", "sends callers to https://elsewhere.example/api; give that one. (301)")]
    [InlineData(308, "Location: /rca/imports?x=1", "/rca; give that one. (308)")]
    [InlineData(302, "", "sends callers to another address; give that one. (302)")]
    [InlineData(500, "", "failed. (500)")]
    public async Task What_a_server_answers_is_told_in_a_sentence_and_the_file_is_not_sent_elsewhere(int status, string header, string sentence)
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        var asked = 0;
        await using var server = await AnsweringAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            (context.Response.StatusCode, context.Response.ContentType) = (status, "application/problem+json");
            if (header.Length > 0)
            {
                context.Response.Headers.Append(header.Split(": ")[0], header.Split(": ")[1]);
            }

            await context.Response.WriteAsync(status == 413 ? """{"title":"Too large","detail":"At most 10 bytes."}""" : "");
        });

        await RefusedAsync(sentence, server.Urls.Single(), "--api-key", "rca_key");
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task An_interrupt_while_a_host_works_says_what_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT.");
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing, Token);
        var asked = new TaskCompletionSource();
        await using var server = await AnsweringAsync(async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        using var process = await tool.StartAsync(_directory.Path, "import", "run.jsonl", "--to", server.Urls.Single());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        using var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]);
        var run = await ToolRun.OfAsync(process);
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("keeps what it had stored by then; sending the file again completes it.", run.Errors, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> AnsweringAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(Token);
        return server;
    }

    // Speaks HTTP where TLS is expected.
    private static async Task<string> PlainAsync()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(
            async () =>
            {
                using (listener)
                {
                    using var client = await listener.AcceptTcpClientAsync(Token);
                    await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Token);
                }
            },
            Token);
        return listener.LocalEndpoint.ToString()!;
    }

    private async Task RefusedAsync(string sentence, string address, params string[] more)
    {
        var run = await tool.RunAsync(_directory.Path, null, ["import", "run.jsonl", "--to", address, .. more]);
        Assert.True(run is { ExitCode: 2, Output: "" }, $"{run}");
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }
}
