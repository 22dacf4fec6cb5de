using System.IO.Compression;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

public sealed class BundleTests
{
    [Fact]
    public async Task An_exported_bundle_passes_every_check()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.Approvals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, ApprovedBy = "ada" });

        var verification = await recorded.VerifyAsync(await recorded.ExportAsync());

        Assert.True(verification.Valid);
        Assert.All(
            [verification.Checks.Intact, verification.Checks.Signed, verification.Checks.Replay, verification.Checks.Grounded, verification.Checks.Approved],
            check => Assert.True(check.Ok, check.Detail));
        Assert.Contains("by ada", verification.Checks.Approved.Detail, StringComparison.Ordinal);
        Assert.Equal((await recorded.ReplayAsync()).ReplayDigest, verification.ReplayDigest);
    }

    [Fact]
    public async Task A_bundle_is_verified_from_a_stream_that_cannot_seek()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.PutAsync(new string('x', 3_000_000));
        await recorded.AddAsync(recorded.Span("large", 2_000_000, result: await recorded.PutAsync(new string('x', 3_000_000))));
        using var bundle = new OneWayStream(await recorded.ExportAsync());

        var outcome = Assert.IsType<BundleVerificationOutcome.Verified>(await recorded.Verifier.VerifyAsync(bundle));

        Assert.True(outcome.Verification.Valid, outcome.Verification.Checks.Intact.Detail);
    }

    [Fact]
    public async Task The_same_incident_gives_the_same_bytes_up_to_the_signature()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var first = await recorded.ExportAsync();
        recorded.Time.Advance(TimeSpan.FromDays(400));
        var second = await recorded.ExportAsync();

        var upTo = first.AsSpan().IndexOf(Encoding.ASCII.GetBytes(BundleNames.Envelope));
        Assert.True(first.AsSpan(0, upTo).SequenceEqual(second.AsSpan(0, upTo)));
    }

    [Fact]
    public async Task A_key_that_is_not_trusted_is_named_and_the_bundle_is_not_valid()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var bundle = await recorded.ExportAsync();
        recorded.Trusted.Clear();

        var verification = await recorded.VerifyAsync(bundle);

        Assert.Equal((true, false, false), (verification.Checks.Intact.Ok, verification.Checks.Signed.Ok, verification.Valid));
        Assert.Contains(recorded.Key.Public.KeyId, verification.Checks.Signed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_engine_works_for_a_stranger_unless_every_check_is_asked_for()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var bundle = await recorded.ExportAsync();
        recorded.Trusted.Clear();
        var engine = new CountingEngine();
        var verifier = new BundleVerifier([engine], recorded);
        using var stream = new MemoryStream(bundle);

        var little = Assert.IsType<BundleVerificationOutcome.Verified>(await verifier.VerifyAsync(stream)).Verification;

        Assert.Equal(0, engine.Asked);
        Assert.True(little.Checks.Intact.Ok);
        Assert.Null(little.ReplayDigest);
        Assert.All(
            [little.Checks.Replay, little.Checks.Grounded, little.Checks.Approved],
            static check => Assert.Equal((false, "Not checked, because the key that signed it is not trusted here."), (check.Ok, check.Detail)));
        stream.Position = 0;

        var whole = Assert.IsType<BundleVerificationOutcome.Verified>(await recorded.Verifier.VerifyWhollyAsync(stream)).Verification;

        Assert.Equal((true, false, true), (whole.Checks.Intact.Ok, whole.Checks.Signed.Ok, whole.Checks.Replay.Ok));
        Assert.NotNull(whole.ReplayDigest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("PK\u0003\u0004 but nothing more of it, and long enough to look like a header")]
    public async Task What_is_no_bundle_is_told_so(string body)
    {
        var recorded = await RecordedIncident.CreateAsync();
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(body));

        Assert.IsType<BundleVerificationOutcome.NotABundle>(await recorded.Verifier.VerifyAsync(stream));
    }

    [Fact]
    public async Task What_is_missing_or_changed_is_left_out_and_the_replay_is_not_green()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        recorded.Contents.Changed[(await recorded.Spans.GetAsync("later"))!.ResultDigest!] = "dune"u8.ToArray();

        var verification = await recorded.VerifyAsync(await recorded.ExportAsync());

        Assert.True(verification.Valid);
        Assert.False(verification.Checks.Replay.Ok);
    }

    [Fact]
    public async Task Without_unmasked_artifacts_none_of_them_is_in_it_and_the_statement_says_so()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var bundle = await recorded.ExportAsync(new BundleOptions { IncludeUnmasked = false });

        using var zip = new ZipArchive(new MemoryStream(bundle));
        var masked = (await recorded.Spans.GetAsync("later"))!.ResultDigest;
        var unmasked = (await recorded.Spans.GetAsync("call"))!.ResultDigest;
        Assert.Contains(zip.Entries, entry => entry.FullName == $"artifacts/{masked}");
        Assert.DoesNotContain(zip.Entries, entry => entry.FullName == $"artifacts/{unmasked}");
        using var statement = new StreamReader(zip.GetEntry(BundleNames.Statement)!.Open());
        var text = await statement.ReadToEndAsync();
        Assert.Contains("\"include_unmasked\":false", text, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"unmasked\"", text, StringComparison.Ordinal);
        Assert.True((await recorded.VerifyAsync(bundle)).Valid);
    }

    [Fact]
    public async Task The_commands_of_the_readme_accept_a_bundle_and_notice_a_change()
    {
        Commands.Require("unzip", "sha256sum", "openssl");
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var directory = Directory.CreateTempSubdirectory("bundle-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(directory.FullName, "bundle.zip"), await recorded.ExportAsync());

            Commands.Run(0, directory.FullName, "unzip -q bundle.zip -d b");
            Commands.Run(0, directory.FullName, "unzip -tq bundle.zip");
            Commands.Run(0, directory.FullName, "cd b && sha256sum -c SHA256SUMS");
            Commands.Run(0, directory.FullName, "cd b && openssl dgst -sha256 -verify public-key.pem -signature attestation.sig attestation.pae");
            Commands.Run(0, directory.FullName, "cd b && cmp statement.json <(tail -c \"$(wc -c < statement.json)\" attestation.pae)");
            Commands.Run(0, directory.FullName, "cd b && grep -o \"$(sha256sum < SHA256SUMS | cut -d' ' -f1)\" statement.json");

            Commands.Run(0, directory.FullName, "cd b && printf x >> spans.jsonl && printf x >> attestation.pae");
            Commands.Run(1, directory.FullName, "cd b && sha256sum -c SHA256SUMS");
            Commands.Run(1, directory.FullName, "cd b && openssl dgst -sha256 -verify public-key.pem -signature attestation.sig attestation.pae");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private sealed class CountingEngine : IRcaEngine
    {
        public int Asked { get; private set; }

        public string Name => FirstFailureEngine.EngineName;

        public string Version => "1";

        public ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            Asked++;
            throw new InvalidOperationException("Nobody should ask.");
        }
    }
}
