using System.Globalization;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Testing.Bundles;

/// <summary>What bundles promise whatever the stores: the same bytes, and a replay that comes to the same after a move.</summary>
/// <param name="backend">The backend under test, a class fixture of the concrete suite.</param>
public abstract class BundleSuite(StoreBackend backend) : IAsyncLifetime
{
    private StoreSet? _stores;

    /// <summary>Whether the backend keeps the bytes of artifacts; else they are in memory.</summary>
    protected virtual bool KeepsContents => true;

    private MovingIncident Here => new(_stores!, KeepsContents ? _stores!.Contents : null);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (backend.Unavailable is { } reason)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{backend.Name}: {reason}");
            Assert.Fail($"{backend.Name}: {reason}");
        }

        _stores = await backend.CreateAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_stores is not null)
        {
            await _stores.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_bundle_is_byte_for_byte_the_one_from_memory_up_to_the_signature()
    {
        var memory = new MovingIncident();
        await memory.FillAsync(seed: 1);
        var here = Here;
        await here.FillAsync(seed: 2);

        var expected = MovingIncident.Unsigned(await memory.ExportAsync());
        Assert.Equal(expected, MovingIncident.Unsigned(await here.ExportAsync()));
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Foreign();
            Assert.Equal("−1,5", (-1.5).ToString(CultureInfo.CurrentCulture));
            Assert.Equal(expected, MovingIncident.Unsigned(await here.ExportAsync()));
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = culture;
        }
    }

    [Fact]
    public async Task An_incident_that_moves_is_replayed_with_the_same_digest_and_exported_with_the_same_bytes()
    {
        var memory = new MovingIncident();
        await memory.FillAsync();
        var bundle = await memory.ExportAsync();
        var here = Here;

        var import = Assert.IsType<BundleImportOutcome.Imported>(await here.ImportAsync(bundle)).Import;

        Assert.Equal((true, 7L, 0L, 0), (import.Created, import.SpansAdded, import.SpansKnown, import.ArtifactsLeftOut.Count));
        var (there, back) = (await memory.ReplayAsync(), await here.ReplayAsync());
        Assert.Equal((ReplayVerdict.Reproduced, there.ReplayDigest), (back.Verdict, back.ReplayDigest));
        Assert.Equal(there.ReplayDigest, import.ReplayDigest);
        Assert.Equal(MovingIncident.Unsigned(bundle), MovingIncident.Unsigned(await here.ExportAsync()));
        Assert.True((await here.VerifyAsync(bundle)).Checks.Approved.Ok);

        var again = Assert.IsType<BundleImportOutcome.Imported>(await here.ImportAsync(bundle)).Import;
        Assert.Equal((false, 0L, 7L, 0L), (again.Created, again.SpansAdded, again.SpansKnown, again.ArtifactsAdded));

        // And on to a third company, out of the store under test.
        var third = new MovingIncident();
        Assert.IsType<BundleImportOutcome.Imported>(await third.ImportAsync(await here.ExportAsync()));
        Assert.Equal(there.ReplayDigest, (await third.ReplayAsync()).ReplayDigest);
    }

    // Made by hand, since a system need not know any other culture than the invariant one.
    private static CultureInfo Foreign()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "−";
        culture.DateTimeFormat.DateSeparator = ".";
        culture.DateTimeFormat.TimeSeparator = "·";
        culture.DateTimeFormat.ShortDatePattern = "dd.MM.yy";
        return culture;
    }
}
