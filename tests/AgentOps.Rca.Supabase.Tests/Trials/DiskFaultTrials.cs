using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>Content on a disk that is full, and on one that fails, while the rows are in PostgreSQL.</summary>
public sealed class DiskFaultTrials
{
    [Fact(Timeout = 300_000)]
    public async Task On_a_full_disk_uploads_are_refused_with_503_what_was_acknowledged_is_served_and_room_lets_it_go_on()
    {
        await RequireAsync("unshare", "-rm", "true");
        await using var database = await TestDatabase.CreateAsync();
        var directory = Directory.CreateTempSubdirectory("agentops-tmpfs-");
        try
        {
            // A small file system in memory that only the host sees.
            string[] wrapper =
                ["unshare", "-rm", "sh", "-c", $"mount -t tmpfs -o size=24m none {directory.FullName} && head -c 8000000 /dev/zero > {directory.FullName}/filler && exec \"$@\"", "sh"];
            await using var host = await HostProcess.StartAsync(
                wrapper, ("SUPABASE_DB_URL", database.Direct), ("ARTIFACT_DIR", directory.FullName), ("AgentOpsRca__Http__MinFreeDiskBytes", "0"));
            var ledger = new Ledger();
            var refused = 0;
            for (var number = 0; number < 40; number++)
            {
                refused += await UploadAsync(host, 700_000, ledger) ? 0 : 1;
            }

            Assert.InRange(ledger.Artifacts.Count, 10, 30);
            Assert.Equal(40, ledger.Artifacts.Count + refused);
            await AssertKeptAsync(host, database, ledger);

            File.Delete($"/proc/{host.Id}/root{directory.FullName}/filler");
            for (var number = 0; number < 5; number++)
            {
                Assert.True(await UploadAsync(host, 700_000, ledger));
            }

            await AssertKeptAsync(host, database, ledger);
            Trial.Report("Disk full (tmpfs) on content writes", $"{ledger.Artifacts.Count} uploads acknowledged and {refused} refused with 503; 0 lost, 0 served wrong");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task With_writes_and_flushes_that_fail_now_and_then_every_upload_is_acknowledged_in_the_end_and_none_is_half()
    {
        await RequireAsync("strace", "-V");
        var uploads = Trial.Size(25, 200);
        await using var database = await TestDatabase.CreateAsync();
        var directory = Directory.CreateTempSubdirectory("agentops-strace-");
        try
        {
            string[] wrapper =
            [
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fsync",
                "-e", "inject=pwrite64:error=EIO:when=3+5", "-e", "inject=fsync:error=EIO:when=4+7",
            ];
            await using var host = await HostProcess.StartAsync(wrapper, ("SUPABASE_DB_URL", database.Direct), ("ARTIFACT_DIR", directory.FullName));
            var ledger = new Ledger();
            var refused = 0;
            for (var number = 0; number < uploads; number++)
            {
                while (!await UploadAsync(host, 300_000, ledger))
                {
                    refused++;
                }
            }

            Assert.True(refused > 0, "No fault was injected.");
            Assert.Equal(uploads, ledger.Artifacts.Count);
            await AssertKeptAsync(host, database, ledger);
            Trial.Report("I/O errors (strace) on content writes", $"{uploads} uploads acknowledged after {refused} refusals with 503; 0 lost, 0 served wrong");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<bool> UploadAsync(HostProcess host, int length, Ledger ledger)
    {
        var content = new byte[length];
        RandomNumberGenerator.Fill(content);
        using var body = new ByteArrayContent(content);
        using var reply = await host.Client.PostAsync(new Uri("/artifacts", UriKind.Relative), body);
        if (reply.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Assert.NotNull(reply.Headers.RetryAfter);
            return false;
        }

        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        var answer = JsonElement.Parse(await reply.Content.ReadAsByteArrayAsync());
        Assert.Equal(ArtifactDigest.Of(content).ToString(), answer.GetProperty("digest").GetString());
        ledger.AddArtifact(ArtifactDigest.Of(content));
        return true;
    }

    private static async Task AssertKeptAsync(HostProcess host, TestDatabase database, Ledger ledger)
    {
        await using var connection = await database.OpenAsync();
        await ledger.AssertKeptAsync(connection, contentsInDatabase: false);
        await HostCrashTrial.AssertServedAsync(host, await HostCrashTrial.ReadDigestsAsync(database));
    }

    private static async Task RequireAsync(string program, params string[] arguments)
    {
        string? missing = null;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            missing = process.ExitCode == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"`{program} {string.Join(' ', arguments)}` ends with {process.ExitCode}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            missing = $"{program} is not installed";
        }

        if (missing is not null && Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(missing);
        }

        Assert.SkipUnless(missing is null, missing ?? "");
    }
}
