using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage;

public sealed class SuiteCoverageTests
{
    [Fact]
    public void Every_store_of_the_package_has_a_suite() =>
        StoreSuiteCoverage.AssertComplete(
            typeof(IArtifactStore).Assembly,
            typeof(SuiteCoverageTests).Assembly,
            // What stands over a database's small content is tested over SQLite.
            store => !ServerStores.NeedsServers(store) && store != typeof(LayeredContentStore),
            typeof(BundleStores));

    [Fact]
    public void A_store_without_a_suite_is_named()
    {
        var missing = StoreSuiteCoverage.FindMissing(typeof(SuiteCoverageTests).Assembly, typeof(SuiteCoverageTests).Assembly);
        Assert.Contains(missing, sentence => sentence.Contains(nameof(ForgottenStore), StringComparison.Ordinal));
    }

    private sealed class ForgottenStore : IArtifactContentStore
    {
        public ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
