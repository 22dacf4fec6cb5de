using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

[Collection(RunsAlone.Name)]
public sealed class BundleImporterTests
{
    [Fact]
    public async Task Of_a_changed_bundle_nothing_is_written_and_the_place_is_named()
    {
        var bundle = await (await RecordedIncident.CreateAnalyzedAsync()).ExportAsync();
        var elsewhere = new RecordedIncident();
        bundle[bundle.AsSpan().IndexOf("tool.call/ship"u8)] ^= 1;

        var altered = Assert.IsType<BundleImportOutcome.Altered>(await ImportAsync(elsewhere, bundle));

        Assert.Equal("content of spans.jsonl", altered.Region);
        await AssertEmptyAsync(elsewhere);
    }

    [Fact]
    public async Task Of_a_bundle_whose_signer_is_not_trusted_nothing_is_written()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var elsewhere = new RecordedIncident();
        elsewhere.Trusted.Clear();

        var refused = Assert.IsType<BundleImportOutcome.SignerNotTrusted>(await ImportAsync(elsewhere, await recorded.ExportAsync()));

        Assert.Equal(recorded.Key.Public.KeyId, refused.KeyId);
        await AssertEmptyAsync(elsewhere);
        Assert.IsType<BundleImportOutcome.NotABundle>(await ImportAsync(elsewhere, "hello"u8.ToArray()));
    }

    [Fact]
    public async Task Another_incident_of_the_same_id_is_named_and_nothing_is_written()
    {
        var bundle = await (await RecordedIncident.CreateAnalyzedAsync()).ExportAsync();
        var elsewhere = await RecordedIncident.CreateAsync(Samples.Incident(7, orderId: "another"));

        var conflict = Assert.IsType<BundleImportOutcome.Conflict>(await ImportAsync(elsewhere, bundle));

        Assert.Equal([$"incident {elsewhere.IncidentId}"], conflict.Records);
        Assert.Empty(await elsewhere.Spans.ListAsync(new SpanQuery()).ToListAsync());
    }

    [Fact]
    public async Task Another_span_of_the_same_id_is_named_wherever_it_belongs()
    {
        var bundle = await (await RecordedIncident.CreateAnalyzedAsync()).ExportAsync();
        var here = await RecordedIncident.CreateAsync();
        await here.AddAsync(here.Span("call", 1_000_001));
        var others = new RecordedIncident();
        await others.AddAsync(others.Span("later", 5) with { IncidentId = null });

        var inIncident = Assert.IsType<BundleImportOutcome.Conflict>(await ImportAsync(here, bundle));
        var outside = Assert.IsType<BundleImportOutcome.Conflict>(await ImportAsync(others, bundle));

        Assert.Equal(["span call"], inIncident.Records);
        Assert.Single(await here.Spans.ListAsync(new SpanQuery()).ToListAsync());
        Assert.Equal(["span later"], outside.Records);
        Assert.Null(await others.Incidents.GetAsync(others.Incident.Id));
    }

    [Fact]
    public async Task A_decision_that_comes_along_sets_an_open_status()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var elsewhere = new RecordedIncident();
        Assert.IsType<BundleImportOutcome.Imported>(await ImportAsync(elsewhere, await recorded.ExportAsync()));
        await recorded.Approvals.DecideAsync(new() { IncidentId = recorded.Incident.Id, ApprovedBy = "ada" });

        var import = Assert.IsType<BundleImportOutcome.Imported>(await ImportAsync(elsewhere, await recorded.ExportAsync())).Import;

        Assert.Equal((false, 1L, 4L), (import.Created, import.SpansAdded, import.SpansKnown));
        Assert.Equal(IncidentStatus.Approved, (await elsewhere.Incidents.GetAsync(elsewhere.Incident.Id))!.Status);
    }

    [Fact]
    public async Task What_was_left_out_stays_out_and_the_replay_is_as_incomplete_as_the_bundles()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var bundle = await recorded.ExportAsync(new BundleOptions { IncludeUnmasked = false });
        var elsewhere = new RecordedIncident();

        var import = Assert.IsType<BundleImportOutcome.Imported>(await ImportAsync(elsewhere, bundle)).Import;
        var replay = await elsewhere.ReplayAsync();

        Assert.NotEmpty(import.ArtifactsLeftOut);
        Assert.NotEqual(ReplayVerdict.Reproduced, replay.Verdict);
        Assert.Equal(import.ReplayDigest, replay.ReplayDigest);
    }

    [Fact]
    public async Task A_large_bundle_is_imported_in_little_memory()
    {
        const int size = 48 << 20;
        var content = new byte[size];
        new Random(1).NextBytes(content);
        var recorded = await RecordedIncident.CreateAsync();
        var digest = (await recorded.Vault.PutAsync(content, "application/octet-stream")).Artifact.Digest.ToString();
        await recorded.AddAsync(recorded.Span("large", 1, result: digest));
        await using var export = (await recorded.Exporter.PrepareAsync(recorded.Incident.Id))!;
        await using var file = new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await export.WriteToAsync(file);
        file.Position = 0;
        var elsewhere = new RecordedIncident();
        var directory = Directory.CreateTempSubdirectory("import-");
        try
        {
            var contents = new AgentOps.Rca.Artifacts.FileSystemArtifactContentStore(directory.FullName);
            var importer = new BundleImporter(elsewhere.Incidents, elsewhere.Spans, elsewhere.Rows, contents, elsewhere);
            var before = GC.GetTotalAllocatedBytes();

            Assert.IsType<BundleImportOutcome.Imported>(await importer.ImportAsync(file));

            Assert.True(GC.GetTotalAllocatedBytes() - before < size / 2, "The import took memory by the size of the bundle.");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<BundleImportOutcome> ImportAsync(RecordedIncident into, byte[] bundle)
    {
        using var stream = new OneWayStream(bundle);
        return await new BundleImporter(into.Incidents, into.Spans, into.Rows, into.Contents, into).ImportAsync(stream);
    }

    private static async Task AssertEmptyAsync(RecordedIncident stores)
    {
        Assert.Null(await stores.Incidents.GetAsync(stores.Incident.Id));
        Assert.Empty(await stores.Spans.ListAsync(new SpanQuery()).ToListAsync());
    }
}
