using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>The rows of artifacts through the Data API.</summary>
internal sealed partial class SupabaseApiArtifactStore(SupabaseApiClient client) : IArtifactStore
{
    private const string Select = "select=digest,mime,length,pii_masked,created_ts";

    private const int PageSize = 1_000;

    private static readonly ApiLookup ByDigest = new("artifacts", "digest", "agentops_artifacts", "digests", Select);

    public async ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(artifact);
        using var inserted = await client.InsertAsync(
            "artifacts?on_conflict=digest&select=digest", ApiBody.Write(writer => ApiRows.Write(writer, artifact)), cancellationToken).ConfigureAwait(false);
        if (inserted.RootElement.GetArrayLength() == 1)
        {
            return WriteOutcome.Added;
        }

        var stored = await GetAsync(artifact.Digest, cancellationToken).ConfigureAwait(false) ?? throw SupabaseIncidentStore.HiddenRows("artifacts");
        return stored.Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
    }

    public async ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        foreach (var artifact in artifacts)
        {
            RecordRules.Require(artifact);
        }

        cancellationToken.ThrowIfCancellationRequested();
        // In the order of the digests, so that two hosts never wait for each other for ever.
        Dictionary<ArtifactDigest, WriteOutcome> outcomes = [];
        foreach (var page in artifacts.OrderBy(static artifact => artifact.Digest).Chunk(PageSize))
        {
            using var inserted = await client.InsertAsync("artifacts?on_conflict=digest&select=digest", Body(page), cancellationToken).ConfigureAwait(false);
            foreach (var row in inserted.RootElement.EnumerateArray())
            {
                outcomes[ArtifactDigest.Parse(ApiRows.Text(row, "digest")!)] = WriteOutcome.Added;
            }

            Artifact[] known = [.. page.Where(row => !outcomes.ContainsKey(row.Digest))];
            if (known.Length > 0)
            {
                var stored = await FindAsync([.. known.Select(static row => row.Digest)], cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
                SupabaseRows.Compare(known, stored, outcomes);
            }
        }

        return [.. artifacts.Select(artifact => outcomes[artifact.Digest])];
    }

    public async ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        using var changed = await client.UpdateAsync(
            $"artifacts?digest=eq.{digest}&select=digest",
            ApiBody.Write(static writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("pii_masked", false);
                writer.WriteEndObject();
            }),
            once: false,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        using var rows = await client.GetAsync($"artifacts?digest=eq.{digest}&{Select}", cancellationToken).ConfigureAwait(false);
        return rows.RootElement.GetArrayLength() == 0 ? null : ApiRows.ReadArtifact(rows.RootElement[0]);
    }

    public async IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        var keys = digests.Distinct().Select(digest => digest.ToString());
        await foreach (var row in ByDigest.FindAsync(client, keys, cancellationToken).ConfigureAwait(false))
        {
            yield return ApiRows.ReadArtifact(row);
        }
    }

    private static ApiBody Body(Artifact[] page) => ApiBody.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var artifact in page)
        {
            ApiRows.Write(writer, artifact);
        }

        writer.WriteEndArray();
    });
}
