using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

// As in the file system, content that is collected loses its name first: it is moved to withdrawn/ under a name of its own, where no
// KeepAsync finds it. Only then its row is looked for, and it is deleted or gets its name back. What decides is that a name is used once:
// a request that was given up and is carried out late can move content out of sight until the next listing, but never delete it.
//
// A move renews the age, so the age is looked at before it. A writer that makes content young in the very moment between the two, and is
// slower with its row than the collection, is told by its KeepAsync.
internal sealed partial class BucketContentStore
{
    private const string Withdrawn = "withdrawn";

    // Shorter than any age that content is collected at, so that most content that is found again is not written again.
    private static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(30);

    public async IAsyncEnumerable<ArtifactDigest> ListOldAsync(
        TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var left in await BucketObjects.ListAsync(client, Withdrawn, "", cancellationToken).ConfigureAwait(false))
        {
            if (DigestOf(left.Name) is { } digest)
            {
                await PutBackAsync($"{Withdrawn}/{left.Name}", digest, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var shard in await BucketObjects.ListAsync(client, "", "", cancellationToken).ConfigureAwait(false))
        {
            if (shard.Name.Length != 2)
            {
                continue;
            }

            foreach (var found in await BucketObjects.ListAsync(client, shard.Name, "", cancellationToken).ConfigureAwait(false))
            {
                if (ArtifactDigest.TryParse(found.Name, out var digest) && KeyOf(digest) == $"{shard.Name}/{found.Name}" && IsOld(found, age))
                {
                    yield return digest;
                }
            }
        }
    }

    public async ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(digest, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return false;
        }

        if (!IsOld(found, YoungFor))
        {
            return true;
        }

        // Rare: the writer has just found or written it. Nothing but a write of the same bytes makes an object young.
        var stream = await OpenNamedAsync(KeyOf(digest), cancellationToken).ConfigureAwait(false);
        if (stream is null)
        {
            return false;
        }

        await using var streamDisposal = stream.ConfigureAwait(false);
        try
        {
            return (await WriteAsync(stream, digest, cancellationToken).ConfigureAwait(false)).Digest == digest;
        }
        catch (ArtifactDigestMismatchException)
        {
            return false;
        }
    }

    public async ValueTask<bool> CollectAsync(
        ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (await FindAsync(digest, cancellationToken).ConfigureAwait(false) is not { } found || !IsOld(found, age)
            || await WithdrawAsync(digest, cancellationToken).ConfigureAwait(false) is not { } withdrawn)
        {
            return false;
        }

        var isOrphan = false;
        try
        {
            isOrphan = await rows.GetAsync(digest, cancellationToken).ConfigureAwait(false) is null;
        }
        finally
        {
            if (!isOrphan)
            {
                await PutBackAsync(withdrawn, digest, CancellationToken.None).ConfigureAwait(false);
            }
        }

        // Another collection may have put it back; then it is the next one's to judge anew.
        return isOrphan && await BucketObjects.DeleteAsync(client, withdrawn, cancellationToken).ConfigureAwait(false);
    }

    // Each attempt has a name of its own: an earlier one that the server carries out late must not fill the name that is deleted.
    private async ValueTask<string?> WithdrawAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var withdrawn = "";
        var outcome = await BucketObjects.MoveAsync(
            client,
            KeyOf(digest),
            () => withdrawn = $"{Withdrawn}/{digest}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}",
            cancellationToken).ConfigureAwait(false);
        return outcome == HttpStatusCode.OK ? withdrawn : null;
    }

    private async ValueTask PutBackAsync(string withdrawn, ArtifactDigest digest, CancellationToken cancellationToken)
    {
        // Content that was written again meanwhile was read back by its writer, and one of the two is enough.
        if (await BucketObjects.MoveAsync(client, withdrawn, () => KeyOf(digest), cancellationToken).ConfigureAwait(false) == HttpStatusCode.Conflict)
        {
            await BucketObjects.DeleteAsync(client, withdrawn, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> IsYoungAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        await FindAsync(digest, cancellationToken).ConfigureAwait(false) is { } found && !IsOld(found, YoungFor);

    private ValueTask<BucketObject?> FindAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var name = digest.ToString();
        return BucketObjects.FindAsync(client, name[..2], name, cancellationToken);
    }

    // Content that a collection has taken away for a moment is there all the same.
    private async ValueTask<Stream?> OpenWithdrawnAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        foreach (var left in await BucketObjects.ListAsync(client, Withdrawn, digest.ToString(), cancellationToken).ConfigureAwait(false))
        {
            if (await OpenNamedAsync($"{Withdrawn}/{left.Name}", cancellationToken).ConfigureAwait(false) is { } stream)
            {
                return stream;
            }
        }

        return null;
    }

    // The server's clock counts in whole seconds; no age at all takes what was written just now.
    private static bool IsOld(BucketObject found, TimeSpan age) => found.Age is { } known && (age <= TimeSpan.Zero || known >= age);

    private static ArtifactDigest? DigestOf(string withdrawn) =>
        ArtifactDigest.TryParse(Path.GetFileNameWithoutExtension(withdrawn), out var digest) ? digest : null;
}
