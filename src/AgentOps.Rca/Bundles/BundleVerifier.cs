using AgentOps.Rca.Analysis;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Bundles.Zip;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Bundles;

/// <summary>Verifies bundles. It reads nothing but the bundle and the trusted keys, and writes nothing.</summary>
internal sealed class BundleVerifier : IBundleVerifier
{
    private readonly IReadOnlyList<IRcaEngine> _engines;
    private readonly ISigningKeyProvider _keys;

    /// <summary>Makes a verifier.</summary>
    /// <param name="engines">The engines, for the replay.</param>
    /// <param name="keys">The keys that are trusted.</param>
    public BundleVerifier(IEnumerable<IRcaEngine> engines, ISigningKeyProvider keys)
    {
        ArgumentNullException.ThrowIfNull(engines);
        ArgumentNullException.ThrowIfNull(keys);
        _engines = [.. engines];
        _keys = keys;
    }

    /// <inheritdoc/>
    public ValueTask<BundleVerificationOutcome> VerifyAsync(Stream bundle, CancellationToken cancellationToken = default) =>
        VerifyAsync(bundle, isWhole: false, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BundleVerificationOutcome> VerifyWhollyAsync(Stream bundle, CancellationToken cancellationToken = default) =>
        VerifyAsync(bundle, isWhole: true, cancellationToken);

    private async ValueTask<BundleVerificationOutcome> VerifyAsync(Stream bundle, bool isWhole, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var opened = await OpenedBundle.OpenAsync(bundle, cancellationToken).ConfigureAwait(false);
        await using var openedDisposal = opened.ConfigureAwait(false);
        if (opened.Fault is { } fault)
        {
            return opened.IsNoBundle
                ? new BundleVerificationOutcome.NotABundle($"The body is no bundle: {fault.Reason} ({fault.Region})")
                : new BundleVerificationOutcome.Verified(Altered(fault));
        }

        var content = opened.Content!;
        var signed = await CheckSignerAsync(opened.Seal!, cancellationToken).ConfigureAwait(false);
        if (!signed.Ok && !isWhole)
        {
            return new BundleVerificationOutcome.Verified(Unchecked(content, opened, signed, "Not checked, because the key that signed it is not trusted here."));
        }

        ReplayResult replay;
        try
        {
            replay = await BundleReplay.RunAsync(content, _engines, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ArgumentException or ArithmeticException or InvalidOperationException or FormatException
            or IndexOutOfRangeException or KeyNotFoundException or NullReferenceException or NotSupportedException or InvalidCastException)
        {
            // What others wrote into a bundle may be sealed and still make no sense to an engine.
            return new BundleVerificationOutcome.Verified(Unchecked(content, opened, signed, "Not checked, because what the bundle holds cannot be worked with."));
        }

        var stores = new BundleStores(content);
        return new BundleVerificationOutcome.Verified(new BundleVerification
        {
            IncidentId = content.Incident.Id,
            KeyId = opened.Seal!.Key.KeyId,
            ReplayDigest = replay.ReplayDigest,
            Checks = new BundleChecks(
                new BundleCheck(true, $"All {opened.Archive!.Entries.Count} files are as exported."),
                signed,
                await CheckReplayAsync(opened.Archive, replay, cancellationToken).ConfigureAwait(false),
                await BundleGrounding.CheckAsync(stores, content, replay.Rca, cancellationToken).ConfigureAwait(false),
                await BundleApproval.CheckAsync(
                    stores, content.Incident.Id, await KeysOfAsync(opened.Seal, cancellationToken).ConfigureAwait(false), opened.Seal.Claims.DecisionFindings, cancellationToken).ConfigureAwait(false))
            {
                Audit = await BundleAudit.CheckAsync(opened.Archive, content.Incident.Id, cancellationToken).ConfigureAwait(false),
            },
        });
    }

    // The host that made the bundle signed its own decisions; whether it is trusted is another check.
    private async ValueTask<IReadOnlyCollection<VerificationKey>> KeysOfAsync(BundleSeal seal, CancellationToken cancellationToken) =>
        [seal.Key, .. await _keys.GetTrustedKeysAsync(cancellationToken).ConfigureAwait(false)];

    private async ValueTask<BundleCheck> CheckSignerAsync(BundleSeal seal, CancellationToken cancellationToken)
    {
        var trusted = await _keys.GetTrustedKeysAsync(cancellationToken).ConfigureAwait(false);
        return trusted.Any(key => key.KeyId == seal.Key.KeyId)
            ? new BundleCheck(true, $"Signed by the key {seal.Key.KeyId}, which is trusted here.")
            : new BundleCheck(false, $"Signed by the key {seal.Key.KeyId}, which is not trusted here.");
    }

    private static async ValueTask<BundleCheck> CheckReplayAsync(
        BundleArchive archive, ReplayResult replay, CancellationToken cancellationToken)
    {
        var recorded = await archive.ReadAsync(BundleNames.Replay, cancellationToken).ConfigureAwait(false);
        if (!ReplayJson.ToUtf8(replay).AsSpan().SequenceEqual(recorded))
        {
            return new BundleCheck(
                false,
                $"The replay of this bundle is {BundleStatement.Word(replay.Verdict)} here, and not what replay.json says."
                + (replay.Deviations is [var first, ..] ? $" {first.Message}" : ""));
        }

        var finding = replay.FirstDivergence ?? replay.Deviations.FirstOrDefault(deviation => deviation.Effect == ReplayEffect.Incomplete);
        return replay.Verdict == ReplayVerdict.Reproduced
            ? new BundleCheck(true, $"Reproduced: {replay.SpanCount} spans, {replay.ArtifactCount} artifacts and {replay.Analyses.Count} analyses.")
            : new BundleCheck(false, $"The replay is {BundleStatement.Word(replay.Verdict)}. {finding?.Message}".TrimEnd());
    }

    private static BundleVerification Unchecked(BundleContent content, OpenedBundle opened, BundleCheck signed, string why)
    {
        var unknown = new BundleCheck(false, why);
        return new BundleVerification
        {
            IncidentId = content.Incident.Id,
            KeyId = opened.Seal!.Key.KeyId,
            Checks = new BundleChecks(
                new BundleCheck(true, $"All {opened.Archive!.Entries.Count} files are as exported."), signed, unknown, unknown, unknown),
        };
    }

    private static BundleVerification Altered(BundleFault fault)
    {
        var unknown = new BundleCheck(false, "Not checked, because the bundle is not intact.");
        return new BundleVerification
        {
            Region = fault.Region,
            Checks = new BundleChecks(new BundleCheck(false, $"Altered at: {fault.Region}. {fault.Reason}"), unknown, unknown, unknown, unknown),
        };
    }
}
