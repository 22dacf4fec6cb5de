using System.Text;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;

namespace AgentOps.Rca.Bundles;

/// <summary>What the signature of a bundle covers, once it has been checked.</summary>
/// <param name="Claims">The signed claims.</param>
/// <param name="Key">The key whose signature it is; nothing is said of whether it is trusted.</param>
internal sealed record BundleSeal(BundleClaims Claims, VerificationKey Key)
{
    private const int MostStatement = 256 << 20;

    /// <summary>
    /// Checks the files that are made of the others: each is made again and compared, so that no byte of them is taken on trust.
    /// </summary>
    public static async ValueTask<(BundleSeal? Seal, BundleFault? Fault)> CheckAsync(BundleArchive archive, CancellationToken cancellationToken)
    {
        var pem = Encoding.Latin1.GetString(await archive.ReadAsync(BundleNames.PublicKey, cancellationToken).ConfigureAwait(false));
        if (VerificationKey.TryParse(pem) is not { } key || key.Pem != pem)
        {
            return Fault(BundleNames.PublicKey, "It is no public key on P-256 in the form that is exported.");
        }

        if (!await IsMadeOfAsync(
            archive, BundleNames.SignedBytes, stream => Dsse.WritePaeAsync(archive.Open(BundleNames.Statement), stream, cancellationToken)).ConfigureAwait(false))
        {
            return Fault(BundleNames.SignedBytes, "It is not the encoding of statement.json that is signed.");
        }

        // The reader has hashed the signed bytes already.
        var signature = await archive.ReadAsync(BundleNames.Signature, cancellationToken).ConfigureAwait(false);
        if (!key.Verify(archive.Describe(BundleNames.SignedBytes).Sha256.ToArray(), signature))
        {
            return Fault(BundleNames.Signature, "It is not the signature of public-key.pem, in the one form that is accepted.");
        }

        if (!await IsMadeOfAsync(
            archive,
            BundleNames.Envelope,
            stream => Dsse.WriteEnvelopeAsync(archive.Open(BundleNames.Statement), key.KeyId, signature, stream, cancellationToken)).ConfigureAwait(false))
        {
            return Fault(BundleNames.Envelope, "It is not the envelope of this statement, key and signature.");
        }

        var files = archive.Entries.Select(entry => entry.File).ToList();
        var summed = files.TakeWhile(file => file.Name != BundleNames.Sums).Append(archive.Describe(BundleNames.Readme));
        if (!await IsMadeOfAsync(archive, BundleNames.Sums, stream => BundleTexts.WriteSumsAsync(summed, stream, cancellationToken)).ConfigureAwait(false))
        {
            return Fault(BundleNames.Sums, "It does not list the files and their sums.");
        }

        var listed = files.TakeWhile(file => file.Name != BundleNames.Statement);
        if (archive.Describe(BundleNames.Statement).Length > MostStatement
            || BundleStatement.ReadClaims(await archive.ReadAsync(BundleNames.Statement, cancellationToken).ConfigureAwait(false)) is not { } claims
            || !await IsMadeOfAsync(
                archive, BundleNames.Statement, stream => BundleStatement.WriteAsync(claims, listed, stream, cancellationToken)).ConfigureAwait(false))
        {
            return Fault(BundleNames.Statement, "It is not the statement of these files.");
        }

        return (new BundleSeal(claims, key), null);
    }

    private static async ValueTask<bool> IsMadeOfAsync(BundleArchive archive, string name, Func<Stream, ValueTask> write)
    {
        var comparing = new ComparingStream(archive.Open(name));
        await using var comparingDisposal = comparing.ConfigureAwait(false);
        await write(comparing).ConfigureAwait(false);
        return comparing.IsEqual;
    }

    private static (BundleSeal? Seal, BundleFault? Fault) Fault(string name, string reason) => (null, new BundleFault($"content of {name}", reason));
}
