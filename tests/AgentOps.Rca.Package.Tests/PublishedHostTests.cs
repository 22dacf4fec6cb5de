using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentOps.Rca.Testing.Tenants;

namespace AgentOps.Rca.Package.Tests;

public sealed class PublishedHostTests(PublishedHost host) : IClassFixture<PublishedHost>
{
    private static readonly string[] Incidents =
        ["6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01", "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a02", "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a03"];

    [Fact]
    public async Task The_native_host_runs_the_demonstration_and_proves_each_root_cause()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The demonstration is checked with the programs and file modes of Unix.");
        using var directory = new TemporaryDirectory();
        await using var run = await host.StartAsync(directory.Path, "--demo");
        Assert.Equal(3, Count(run.Output, "ROOT CAUSE  identified"));
        Assert.Equal(3, Count(run.Output, "reproduced: "));
        Assert.Equal(3, Count(run.Output, "time to RCA "));
        var readme = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken)).Split("```text\n").Single(part => part.StartsWith("=====", StringComparison.Ordinal));
        Assert.Contains(WithoutWhatChanges(readme[..readme.IndexOf("```", StringComparison.Ordinal)].TrimEnd()), WithoutWhatChanges(run.Output), StringComparison.Ordinal);
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory["data"], "*", SearchOption.AllDirectories))
        {
            // What a host keeps is its owner's alone, the bundles of the demonstration with it.
            Assert.Equal(UnixFileMode.None, OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(entry) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }

        foreach (var incident in Incidents)
        {
            var bundle = directory[$"data/bundles/incident-{incident}.zip"];
            var check = directory[$"check-{incident}"];
            await Repository.RunAsync(directory.Path, "unzip", "-q", "-d", check, bundle);
            await Repository.RunAsync(check, "sha256sum", "--quiet", "-c", "SHA256SUMS");
            var verified = await Repository.RunAsync(
                check, "openssl", "dgst", "-sha256", "-verify", "public-key.pem", "-signature", "attestation.sig", "attestation.pae");
            Assert.Equal("Verified OK", verified.Trim());
        }
    }

    // What differs from run to run: digests over instants, and how long it took.
    private static string WithoutWhatChanges(string printed) =>
        System.Text.RegularExpressions.Regex.Replace(printed.Replace("\r", "", StringComparison.Ordinal), @"\b[0-9a-f]{64}\b|(?<=time to RCA )[\d.]+(?= s)", "…");

    [Fact]
    public async Task Each_report_of_the_demonstration_names_a_cause_and_cites_at_least_two_checked_facts()
    {
        using var directory = new TemporaryDirectory();
        await using var run = await host.StartAsync(directory.Path, "--demo");
        foreach (var incident in Incidents)
        {
            var report = (await run.Client.GetFromJsonAsync<JsonElement>($"incidents/{incident}/reports", TestContext.Current.CancellationToken))[0];
            Assert.Equal("identified", report.GetProperty("verdict").GetString());
            Assert.False(string.IsNullOrWhiteSpace(report.GetProperty("root_cause").GetString()));
            var cited = report.GetProperty("hypotheses")[0].GetProperty("evidence").EnumerateArray().Select(id => id.GetString()).ToHashSet();
            Assert.True(report.GetProperty("evidence").EnumerateArray()
                .Count(evidence => cited.Contains(evidence.GetProperty("id").GetString()) && evidence.GetProperty("checked").GetBoolean()) >= 2);
        }
    }

    [Fact]
    public async Task Without_the_demonstration_the_native_host_answers_every_endpoint()
    {
        using var directory = new TemporaryDirectory();
        await using var run = await host.StartAsync(directory.Path);
        var client = run.Client;
        var token = TestContext.Current.CancellationToken;
        using var created = await client.PostAsJsonAsync("incidents", Json("""{"order_id":"A-1","problem_type":"late_delivery"}"""), token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>(token)).GetProperty("id").GetString();
        using var artifact = await client.PostAsJsonAsync("artifacts", Json("""{"content":"aGVsbG8=","mime":"text/plain"}"""), token);
        Assert.Equal(HttpStatusCode.Created, artifact.StatusCode);
        var digest = (await artifact.Content.ReadFromJsonAsync<JsonElement>(token)).GetProperty("digest").GetString();
        using var spans = await client.PostAsJsonAsync(
            "traces/spans",
            Json($$"""[{"span_id":"s1","tool":"tool.call/x","start_ts":1,"end_ts":2,"incident_id":"{{id}}","result_digest":"{{digest}}","status":"error"}]"""),
            token);
        Assert.Equal(HttpStatusCode.OK, spans.StatusCode);
        var incident = Json($$"""{"incident_id":"{{id}}"}""");
        foreach (var path in new[] { "rca/analyze", "replay/strict", "bundles" })
        {
            using var answer = await client.PostAsJsonAsync(path, incident, token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"POST /{path} answered {answer.StatusCode}.");
            if (path == "bundles")
            {
                using var bundle = new ByteArrayContent(await answer.Content.ReadAsByteArrayAsync(token));
                bundle.Headers.ContentType = new("application/zip");
                using var verified = await client.PostAsync(new Uri("bundles/verify", UriKind.Relative), bundle, token);
                Assert.True((await verified.Content.ReadFromJsonAsync<JsonElement>(token)).GetProperty("valid").GetBoolean());
            }
        }

        using var approved = await client.PostAsJsonAsync($"incidents/{id}/approve", Json("{}"), token);
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        string[] paths =
        [
            "", "health", "health/ready", "openapi/v1.json", "docs", "incidents", $"incidents/{id}", $"incidents/{id}/full", $"incidents/{id}/kpis",
            $"incidents/{id}/reports", $"artifacts/{digest}", $"artifacts/{digest}/content", "traces/spans", "bundles/public-key",
        ];
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET /{path} answered {answer.StatusCode}.");
        }
    }

    [Fact]
    public async Task The_native_host_keeps_two_tenants_apart_at_every_endpoint_and_every_tool()
    {
        using var directory = new TemporaryDirectory();
        var (acmeKey, globexKey) = (await MakeKeyAsync(directory.Path, "acme"), await MakeKeyAsync(directory.Path, "globex"));
        await using var run = await host.StartAsync(
            directory.Path, "--AGENTOPS_TENANTS=acme,globex", $"--AGENTOPS_KEYS={directory["keys"]}", "--AgentOpsRca:Mcp:AllowAnalyze=true", "--AgentOpsRca:Mcp:AllowDecide=true");
        using var acmeClient = new HttpClient(new KeyUnlessSession(acmeKey)) { BaseAddress = run.Client.BaseAddress };
        using var globexClient = new HttpClient(new KeyUnlessSession(globexKey)) { BaseAddress = run.Client.BaseAddress };
        var (acme, globex) = (new TenantSide(acmeClient, "acmeonly", acmeKey), new TenantSide(globexClient, "globexonly", globexKey));
        var token = TestContext.Current.CancellationToken;
        await acme.FillAsync(token);
        await globex.FillAsync(token);
        var doors = await TenantSurface.ReadAsync(acmeClient, api: "", mcp: "/mcp", token);

        await new TenantTrial(acme, globex, doors, mcp: "/mcp").RunAsync(seed: 23, TenantTrial.Count, "the native host on SQLite", static _ => false, token);
        Assert.Contains("tools/decide", doors.Select(static door => door.Pattern));
    }

    private async Task<string> MakeKeyAsync(string directory, string tenant)
    {
        var made = await host.RunAsync(directory, "keys", "new", $"{tenant}only-boss", "--scopes", "admin", "--tenant", tenant, "--file", Path.Combine(directory, "keys"));
        Assert.Equal(0, made.ExitCode);
        return made.Output.Split('\n')[1].Trim();
    }

    [Fact]
    public async Task The_native_host_serves_the_page_with_every_module_and_what_it_asks_for()
    {
        using var directory = new TemporaryDirectory();
        await using var run = await host.StartAsync(directory.Path, "--demo");
        var token = TestContext.Current.CancellationToken;
        using var asked = new HttpRequestMessage(HttpMethod.Get, "");
        asked.Headers.Accept.ParseAdd("text/html");
        using var page = await run.Client.SendAsync(asked, token);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var folder = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(token), "page/[0-9a-f]+/").Value;
        var sources = Path.Combine(Repository.Root, "src", "AgentOps.Rca.AspNetCore", "Page");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(sources, "modules")).Append(Path.Combine(sources, "page.css")))
        {
            Assert.Equal(await File.ReadAllTextAsync(file, token), await run.Client.GetStringAsync(new Uri(folder + Path.GetFileName(file), UriKind.Relative), token));
        }

        string[] paths =
        [
            "incidents?view=overview", $"incidents/{Incidents[0]}/timeline?at=ord-20417-ship1", $"incidents/{Incidents[0]}/search?q=carrier", $"incidents/{Incidents[0]}/span?id=ord-20417-ship1",
            $"incidents/{Incidents[0]}/steps", $"incidents/{Incidents[0]}/step?id=ord-20417-ship1", $"incidents/{Incidents[0]}/evidence/E1", $"incidents/{Incidents[0]}/evidence/E1/content",
            $"incidents/{Incidents[0]}/good-runs", $"incidents/{Incidents[0]}/postmortem", "rca/patterns",
        ];
        foreach (var path in paths)
        {
            using var answer = await run.Client.GetAsync(new Uri(path, UriKind.Relative), token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET /{path} answered {answer.StatusCode}.");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Information")]
    public async Task The_log_holds_no_query_unless_it_is_asked_for_and_no_path_begins_a_line_of_its_own(string? level)
    {
        using var directory = new TemporaryDirectory();
        await using var run = await host.StartAsync(directory.Path, level is null ? [] : [$"--Logging:LogLevel:Microsoft.AspNetCore={level}"]);
        using var found = await run.Client.GetAsync("incidents?q=bob.secret@example.com", TestContext.Current.CancellationToken);
        using var unknown = await run.Client.GetAsync("%0d%0awarn:%20FORGED%1b[31m", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (found.StatusCode, unknown.StatusCode));
        for (var waited = 0; level is not null && waited < 100 && !run.Output.Contains("FORGED", StringComparison.Ordinal); waited++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(level is not null, run.Output.Contains("bob.secret", StringComparison.Ordinal));
        Assert.Equal(level is not null, run.Output.Contains("\\u000d\\u000awarn: FORGED\\u001b[31m", StringComparison.Ordinal));
        Assert.DoesNotContain('\e', run.Output);
        Assert.DoesNotContain(run.Output.Split('\n'), line => line.TrimStart().StartsWith("warn: FORGED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_verify_command_checks_a_bundle_against_the_keys_it_is_given_and_its_exit_code_says_so()
    {
        using var directory = new TemporaryDirectory();
        var (bundle, key, other) = (directory["bundle.zip"], directory["key.pem"], directory["other.pem"]);
        await using (var run = await host.StartAsync(directory.Path, "--demo"))
        {
            File.Copy(directory[$"data/bundles/incident-{Incidents[0]}.zip"], bundle);
            await File.WriteAllTextAsync(key, await run.Client.GetStringAsync(new Uri("bundles/public-key", UriKind.Relative)));
        }

        using (var stranger = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256))
        {
            await File.WriteAllTextAsync(other, stranger.ExportSubjectPublicKeyInfoPem());
        }

        var valid = await host.RunAsync(directory.Path, "verify", bundle, "--key", other, "--key", key);
        Assert.True(valid.ExitCode == 0, valid.Output + valid.Errors);
        var lines = valid.Output.Split('\n');
        Assert.Equal(
            ["ok    intact", "ok    signed", "ok    replay", "ok    grounded", "FAIL  approved"],
            lines.Take(5).Select(line => line[..14].TrimEnd()));
        Assert.Equal("The bundle is valid.", lines[5]);

        var strict = await host.RunAsync(directory.Path, "verify", "--strict", bundle, "--key", key);
        Assert.Equal(1, strict.ExitCode);
        var untrusted = await host.RunAsync(directory.Path, "verify", bundle, "--key", other, "--json");
        Assert.Equal(1, untrusted.ExitCode);
        var checks = Json(untrusted.Output).GetProperty("checks");
        Assert.True(checks.GetProperty("intact").GetProperty("ok").GetBoolean());
        Assert.False(checks.GetProperty("signed").GetProperty("ok").GetBoolean());

        var bytes = await File.ReadAllBytesAsync(bundle);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes);
        var altered = await host.RunAsync(directory.Path, "verify", bundle, "--key", key);
        Assert.Equal(1, altered.ExitCode);
        Assert.StartsWith("FAIL  intact    Altered at: ", altered.Output, StringComparison.Ordinal);

        foreach (var arguments in new string[][] { ["verify"], ["verify", bundle], ["verify", "nowhere.zip", "--key", key], ["verify", bundle, "--key", bundle], ["verify", bundle, "--kee", key], ["verify", key, "--key", key] })
        {
            var wrong = await host.RunAsync(directory.Path, arguments);
            Assert.True(wrong is { ExitCode: 1, Output: "", Errors.Length: > 10 }, $"{string.Join(' ', arguments)}: {wrong}");
            Assert.DoesNotContain("   at ", wrong.Errors, StringComparison.Ordinal);
        }

        var help = await host.RunAsync(directory.Path, "verify", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--key PEM", help.Output, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
