using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Bundles;

/// <summary>Replays what a bundle holds. Its artifacts were hashed when it was read, so the walk need not hash them again.</summary>
internal static class BundleReplay
{
    public static async ValueTask<ReplayResult> RunAsync(
        BundleContent content, IEnumerable<IRcaEngine> engines, CancellationToken cancellationToken)
    {
        var stores = new BundleStores(content);
        var replayer = new StrictReplayer(stores, stores, VaultOf(stores), engines);
        return await replayer.ReplayAsync(content.Incident.Id, new KnownArtifacts(content), onOutput: null, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("A bundle holds its incident.");
    }

    // Nothing is written through it, so its clock is never read.
    public static ArtifactVault VaultOf(BundleStores stores) => new(stores, stores, TimeProvider.System);

    private sealed class KnownArtifacts(BundleContent content) : IArtifactChecker
    {
        private NamedDigests? _named;

        public ValueTask ExpectAsync(NamedDigests named, CancellationToken cancellationToken)
        {
            _named = named;
            return ValueTask.CompletedTask;
        }

        public ValueTask<ArtifactCheck> CheckAsync(int number, CancellationToken cancellationToken)
        {
            var digest = _named![number];
            ArtifactFault? fault = content.HasArtifact(digest) ? null
                : content.Rows.ContainsKey(digest) ? new ArtifactFault.ContentMissing(digest)
                : new ArtifactFault.Unknown(digest);
            return ValueTask.FromResult(new ArtifactCheck(fault, default, null));
        }
    }
}
