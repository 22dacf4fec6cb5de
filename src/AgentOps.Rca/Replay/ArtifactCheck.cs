using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Replay;

/// <summary>What became of an artifact: its row and first bytes when it is intact, else the fault.</summary>
internal readonly record struct ArtifactCheck(ArtifactFault? Fault, ReadOnlyMemory<byte> Preview, Artifact? Artifact);

/// <summary>Hashes artifacts for a replay. The same one may be asked for many times.</summary>
internal interface IArtifactChecker
{
    /// <summary>Told first which artifacts will be asked for, so that those that are not there are found together.</summary>
    /// <param name="named">The artifacts; the set is the checker's from then on.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    ValueTask ExpectAsync(NamedDigests named, CancellationToken cancellationToken);

    /// <summary>Checks one of those.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    ValueTask<ArtifactCheck> CheckAsync(int number, CancellationToken cancellationToken);
}

/// <summary>Hashes artifacts out of the vault; large ones once a replay.</summary>
internal sealed class VaultArtifactChecker(ArtifactVault vault) : IArtifactChecker
{
    // Hashing a small artifact again costs less than remembering a preview of it, of which there may be millions.
    private const long SmallArtifact = 64 * 1024;

    private readonly Dictionary<int, ArtifactCheck> _large = [];
    private NamedDigests? _unknown;

    public async ValueTask ExpectAsync(NamedDigests named, CancellationToken cancellationToken)
    {
        await vault.RemoveStoredAsync(named, cancellationToken).ConfigureAwait(false);
        _unknown = named;
    }

    public async ValueTask<ArtifactCheck> CheckAsync(int number, CancellationToken cancellationToken)
    {
        if (_large.TryGetValue(number, out var known))
        {
            return known;
        }

        var digest = _unknown![number];
        if (_unknown.Holds(number))
        {
            return new ArtifactCheck(new ArtifactFault.Unknown(digest), default, null);
        }

        var read = await vault.CheckPreviewAsync(digest, cancellationToken).ConfigureAwait(false);
        var check = new ArtifactCheck(read.Fault, read.Content, read.Artifact);
        if (read.Artifact?.Length > SmallArtifact)
        {
            _large.Add(number, check);
        }

        return check;
    }
}
