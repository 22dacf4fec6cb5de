using System.IO.Compression;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>
/// Bundles that earlier commits exported, kept as they were: what was signed then must still verify, import and come out the same. A bundle
/// whose engine has a newer version since stays here, with what its replay says then.
/// </summary>
public sealed class KeptBundleTests
{
    private static readonly string Kept = Path.Combine(AppContext.BaseDirectory, "Replay", "Kept");

    [Theory]
    [InlineData("trace-3-order.zip", "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01")]
    [InlineData("trace-3-plan.zip", "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a03")]
    [InlineData("trace-3-no-times.zip", "d482222e-8b75-8b1d-8a4e-51910ccf29c9")]
    public async Task What_was_exported_before_is_imported_and_comes_out_the_same(string file, string incidentId)
    {
        var bundle = await File.ReadAllBytesAsync(Path.Combine(Kept, file), TestContext.Current.CancellationToken);
        var here = new RecordedIncident();
        here.Trusted.Add(await SignerOfAsync(bundle));
        using var stream = new MemoryStream(bundle);

        Assert.IsType<BundleImportOutcome.Imported>(
            await new BundleImporter(here.Incidents, here.Spans, here.Rows, here.Contents, here).ImportAsync(stream, TestContext.Current.CancellationToken));

        var replayer = new StrictReplayer(here.Incidents, here.Spans, here.Vault, [new TraceRcaEngine()]);
        var result = Assert.IsType<ReplayResult>(await replayer.ReplayAsync(new Guid(incidentId), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Empty(result.Deviations.Select(deviation => deviation.Message));
        Assert.Equal(ReplayVerdict.Reproduced, result.Verdict);
        Assert.True(Assert.Single(result.Analyses).Reproduced);
    }

    private static async Task<VerificationKey> SignerOfAsync(byte[] bundle)
    {
        await using var archive = new ZipArchive(new MemoryStream(bundle));
        using var reader = new StreamReader(await archive.GetEntry("public-key.pem")!.OpenAsync());
        return VerificationKey.TryParse(await reader.ReadToEndAsync())!;
    }
}
