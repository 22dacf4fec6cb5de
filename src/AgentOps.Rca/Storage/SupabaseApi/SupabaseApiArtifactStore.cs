using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Supabase;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>The rows of artifacts through the Data API.</summary>
internal sealed class SupabaseApiArtifactStore(SupabaseApiClient client) : IArtifactStore
{
    // Thirty digests make a URL of 2 KiB. PostgREST repeats it in a header of its reply, for which many proxies have room for 4 KiB.
    private const int PageSize = 30;

    private const string Select = "select=digest,mime,length,pii_masked,created_ts";

    public async ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        var inserted = await client.InsertAsync(
            "artifacts?on_conflict=digest&select=digest", ApiRows.Write(writer => ApiRows.Write(writer, artifact)), cancellationToken);
        if (inserted.GetArrayLength() == 1)
        {
            return WriteOutcome.Added;
        }

        var stored = await GetAsync(artifact.Digest, cancellationToken) ?? throw SupabaseIncidentStore.HiddenRows("artifacts");
        return stored.Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
    }

    public async ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        var rows = await client.GetAsync($"artifacts?digest=eq.{digest}&{Select}", cancellationToken);
        return rows.GetArrayLength() == 0 ? null : ApiRows.ReadArtifact(rows[0]);
    }

    public async IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        foreach (var page in digests.Distinct().Chunk(PageSize))
        {
            var rows = await client.GetAsync($"artifacts?digest=in.({string.Join(',', page)})&{Select}", cancellationToken);
            foreach (var row in rows.EnumerateArray())
            {
                yield return ApiRows.ReadArtifact(row);
            }
        }
    }
}
