using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>What came out of a file is as good as what an exporter sent: it is analysed, replayed and proven elsewhere, whatever its format.</summary>
public sealed class ImportedRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Samples
    {
        get
        {
            var data = new TheoryData<string, int>();
            for (var i = 0; i < ImportSeeds.All.Count; i++)
            {
                data.Add(ImportSeeds.All[i].Format, i);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task An_imported_run_is_analysed_replayed_exported_verified_and_taken_over(string format, int sample)
    {
        await using var bench = new ImportBench();
        var import = await bench.ImportAsync(ImportSeeds.All[sample].Bytes);
        Assert.True(import.SpansAdded > 0 && import.IncidentId is not null, format);
        var report = await bench.AnalyzeAsync(import.IncidentId);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked, evidence.Text));
        Assert.Equal(ReplayVerdict.Reproduced, (await ReplayAsync(bench, import.IncidentId!.Value)).Verdict);

        using var bundle = new MemoryStream();
        await using (var export = (await bench.Get<IBundleExporter>().PrepareAsync(import.IncidentId.Value, options: null, Token))!)
        {
            await export.WriteToAsync(bundle, Token);
        }

        bundle.Position = 0;
        var verified = Assert.IsType<BundleVerificationOutcome.Verified>(await bench.Get<IBundleVerifier>().VerifyAsync(bundle, Token)).Verification;
        Assert.True(verified.Valid && verified.Checks.Replay.Ok && verified.Checks.Grounded.Ok, $"{verified.Checks.Replay.Detail} {verified.Checks.Grounded.Detail}");

        // Somebody else takes it over, and finds the same.
        await using var other = new ImportBench((await bench.Get<ISigningKeyProvider>().GetSigningKeyAsync(Token)).Public.Pem);
        bundle.Position = 0;
        var taken = await other.Get<IBundleImporter>().ImportAsync(bundle, cancellationToken: Token);
        Assert.True(taken is BundleImportOutcome.Imported, taken.ToString());
        Assert.Equal(ReplayVerdict.Reproduced, (await ReplayAsync(other, import.IncidentId.Value)).Verdict);
        Assert.Equal(import.SpansAdded, (await bench.SpansAsync(import.IncidentId)).Count(span => !span.Tool.StartsWith("rca.", StringComparison.Ordinal)));
    }

    private static async Task<ReplayResult> ReplayAsync(ImportBench bench, Guid incidentId)
    {
        var replay = await bench.Get<IReplayer>().ReplayAsync(incidentId, cancellationToken: Token);
        return Assert.IsType<ReplayResult>(replay);
    }
}
