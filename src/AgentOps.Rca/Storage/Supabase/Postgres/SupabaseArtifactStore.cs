using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>The rows of artifacts in PostgreSQL.</summary>
internal sealed partial class SupabaseArtifactStore(SupabaseDatabase database) : IArtifactStore
{
    private const int PageSize = 1_000;

    private const string Columns = $"select digest, mime, length, pii_masked, {SupabaseRows.CreatedTs} from public.artifacts";

    public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(artifact);
        return database.RunAsync(
            artifact,
            static async (connection, artifact, token) =>
            {
                var insert = connection.Command(
                    """
                    insert into public.artifacts (digest, mime, length, pii_masked, created_ts) values ($1, $2, $3, $4, $5)
                    on conflict (digest) do nothing
                    """);
                await using var insertDisposal = insert.ConfigureAwait(false);
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = artifact.Digest.ToString() });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = artifact.Mime });
                insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = artifact.Length });
                insert.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = artifact.PiiMasked });
                insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = artifact.CreatedTs.UtcDateTime });
                if (await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false) == 1)
                {
                    return WriteOutcome.Added;
                }

                var stored = await ReadAsync(connection, [artifact.Digest], token).ConfigureAwait(false);
                return stored.Count == 0 ? throw SupabaseIncidentStore.HiddenRows("artifacts")
                    : stored[0].Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
            },
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        foreach (var artifact in artifacts)
        {
            RecordRules.Require(artifact);
        }

        // In the order of the digests, so that two hosts never wait for each other for ever.
        Dictionary<ArtifactDigest, WriteOutcome> outcomes = [];
        foreach (var page in artifacts.OrderBy(static artifact => artifact.Digest).Chunk(PageSize))
        {
            foreach (var (digest, outcome) in await database.RunAsync(page, AddPageAsync, cancellationToken).ConfigureAwait(false))
            {
                outcomes.Add(digest, outcome);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return [.. artifacts.Select(artifact => outcomes[artifact.Digest])];
    }

    public async ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => await database.RunAsync(
        digest,
        static async (connection, digest, token) =>
        {
            var update = connection.Command("update public.artifacts set pii_masked = false where digest = $1");
            await using var updateDisposal = update.ConfigureAwait(false);
            update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = digest.ToString() });
            return await update.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    public async ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        var found = await database.RunAsync<ArtifactDigest[], List<Artifact>>([digest], ReadAsync, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        foreach (var page in digests.Distinct().Chunk(PageSize))
        {
            foreach (var artifact in await database.RunAsync(page, ReadAsync, cancellationToken).ConfigureAwait(false))
            {
                yield return artifact;
            }
        }
    }

    /// <summary>The command of one page; seen by the test that reads its plan.</summary>
    internal static NpgsqlCommand BuildFind(SupabaseConnection connection, ArtifactDigest[] digests)
    {
        var command = connection.Command($"{Columns} where digest = any($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. digests.Select(digest => digest.ToString())] });
        return command;
    }

    private static async ValueTask<Dictionary<ArtifactDigest, WriteOutcome>> AddPageAsync(
        SupabaseConnection connection, Artifact[] rows, CancellationToken cancellationToken)
    {
        Dictionary<ArtifactDigest, WriteOutcome> outcomes = [];
        var insert = connection.Command(
            """
            insert into public.artifacts (digest, mime, length, pii_masked, created_ts)
            select digest, mime, length, pii_masked, created_ts from unnest($1, $2, $3, $4, $5) as new (digest, mime, length, pii_masked, created_ts)
            on conflict (digest) do nothing returning digest
            """);
        await using (insert.ConfigureAwait(false))
        {
            insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, static row => row.Digest.ToString()) });
            insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, static row => row.Mime) });
            insert.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(rows, static row => row.Length) });
            insert.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = Array.ConvertAll(rows, static row => row.PiiMasked) });
            insert.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = Array.ConvertAll(rows, static row => row.CreatedTs.UtcDateTime) });
            var reader = await insert.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var readerDisposal = reader.ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                outcomes[ArtifactDigest.Parse(reader.GetString(0))] = WriteOutcome.Added;
            }
        }

        ArtifactDigest[] known = [.. rows.Select(static row => row.Digest).Where(digest => !outcomes.ContainsKey(digest))];
        if (known.Length > 0)
        {
            SupabaseRows.Compare(rows, await ReadAsync(connection, known, cancellationToken).ConfigureAwait(false), outcomes);
        }

        return outcomes;
    }

    private static async ValueTask<List<Artifact>> ReadAsync(
        SupabaseConnection connection, ArtifactDigest[] digests, CancellationToken cancellationToken)
    {
        var command = BuildFind(connection, digests);
        await using var commandDisposal = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        List<Artifact> artifacts = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            artifacts.Add(new Artifact
            {
                Digest = ArtifactDigest.Parse(reader.GetString(0)),
                Mime = SupabaseRows.ReadText(reader, 1) ?? "application/octet-stream",
                Length = reader.IsDBNull(2) ? 0 : reader.GetInt64(2),
                PiiMasked = !reader.IsDBNull(3) && reader.GetBoolean(3),
                CreatedTs = SupabaseRows.ReadTime(reader, 4),
            });
        }

        return artifacts;
    }
}
