using System.Diagnostics;
using System.Text;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Tests.Recording;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>
/// A recording is replayed by another process that has no network at all, in another culture and time zone: what moves between them is
/// the bundle.
/// </summary>
public sealed class OfflineReplayTests
{
    private const string BundleVariable = "AGENTOPS_TEST_REPLAY_BUNDLE";
    private const string AnswerVariable = "AGENTOPS_TEST_REPLAY_ANSWER";

    [Fact]
    public async Task Without_a_network_the_unchanged_agent_and_the_analysis_are_replayed_bit_for_bit_and_no_socket_is_opened()
    {
        Require("unshare", "strace");
        var recorded = await RecordedIncident.CreateAsync();
        var answer = await new ShippingAgent { Streams = true }.RunAsync(
            AgentRecorderTests.Recorder(recorded), recorded.Incident.Id, new QuotingModel());
        await recorded.AnalyzeAsync();
        var directory = Directory.CreateTempSubdirectory("offline-");
        try
        {
            var (bundle, replayed, sockets) =
                (Path.Combine(directory.FullName, "bundle.zip"), Path.Combine(directory.FullName, "answer"), Path.Combine(directory.FullName, "sockets"));
            await File.WriteAllBytesAsync(bundle, await recorded.ExportAsync());

            var (exitCode, output) = await RunAsync(
                bundle, replayed, "unshare", "-rn", "strace", "-f", "-qq", "-e", "trace=socket,connect", "-o", sockets,
                "dotnet", typeof(OfflineReplayTests).Assembly.Location, "-explicit", "only", "-method", $"*{nameof(OfflineReplayTests)}.{nameof(Replays_what_it_is_given)}");

            Assert.True(exitCode == 0, output);
            Assert.Equal($"{(await recorded.ReplayAsync()).ReplayDigest}\n{answer}", await File.ReadAllTextAsync(replayed));
            Assert.DoesNotContain("AF_INET", await File.ReadAllTextAsync(sockets), StringComparison.Ordinal);
            Assert.DoesNotContain("socket(", await File.ReadAllTextAsync(sockets), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact(Explicit = true)]
    public async Task Replays_what_it_is_given()
    {
        var bundle = Environment.GetEnvironmentVariable(BundleVariable);
        Assert.False(string.IsNullOrEmpty(bundle), "This is the other half of the test above, which starts it.");
        var elsewhere = new RecordedIncident();
        await using (var file = File.OpenRead(bundle))
        {
            // Whether the key is trusted is not the question here, and its other half is in the process that made it.
            await using var opened = await OpenedBundle.OpenAsync(file, default);
            elsewhere.Trusted.Add(VerificationKey.TryParse(opened.Seal!.Key.Pem)!);
            file.Position = 0;
            var importer = new BundleImporter(elsewhere.Incidents, elsewhere.Spans, elsewhere.Rows, elsewhere.Contents, elsewhere);
            Assert.IsType<BundleImportOutcome.Imported>(await importer.ImportAsync(file));
        }

        var strict = await elsewhere.ReplayAsync();
        Assert.Equal(ReplayVerdict.Reproduced, strict.Verdict);
        var replay = await new AgentReplayer(elsewhere.Spans, elsewhere.Vault).OpenAsync(elsewhere.Incident.Id);
        using var absent = replay.CreateChatClient("small-1");
        var answer = await new ShippingAgent { Streams = true }.RunAsync(new Unwrapped(replay, absent), elsewhere.Incident.Id, absent);
        Assert.Equal(ReplayVerdict.Reproduced, replay.Finish().Verdict);
        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable(AnswerVariable)!, $"{strict.ReplayDigest}\n{answer}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string bundle, string answer, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                [BundleVariable] = bundle,
                [AnswerVariable] = answer,
                ["TZ"] = "Asia/Kathmandu",
                ["LANG"] = "tr_TR.UTF-8",
                ["LC_ALL"] = "tr_TR.UTF-8",
                // The runtime's own socket for debuggers.
                ["DOTNET_EnableDiagnostics"] = "0",
            },
        })!;
        var output = new StringBuilder();
        output.Append(await process.StandardOutput.ReadToEndAsync()).Append(await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToString());
    }

    private static void Require(params string[] tools)
    {
        foreach (var tool in tools.Where(tool => !File.Exists($"/usr/bin/{tool}")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{tool} is not installed.");
            Assert.Fail($"{tool} is not installed.");
        }
    }

    /// <summary>The replay, whose client is one already.</summary>
    private sealed class Unwrapped(AgentReplay replay, IChatClient client) : AgentOps.Rca.Recording.IAgentRecorder
    {
        public AgentOps.Rca.Recording.AgentRun StartRun(
            string agent, Guid? incidentId, System.Text.Json.JsonElement? arguments, string? subject, IReadOnlyDictionary<string, object?>? attributes) =>
            replay.StartRun(agent, incidentId, arguments);

        public IChatClient Wrap(IChatClient inner) => client;

        public AIFunction Wrap(AIFunction function) => replay.Wrap(function);
    }
}
