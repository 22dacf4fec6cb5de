using System.Data;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>The chunks of contents in PostgreSQL.</summary>
internal sealed class SupabaseContentChunks(SupabaseDatabase database) : IContentChunks
{
    public async ValueTask AddAsync(ContentChunk chunk, CancellationToken cancellationToken) => await database.RunAsync(
        chunk,
        static async (connection, chunk, token) =>
        {
            var insert = connection.Command(
                """
                insert into public.artifact_contents (content_id, chunk, data, digest, length) values ($1, $2, $3, $4, $5)
                on conflict do nothing
                """);
            await using var insertDisposal = insert.ConfigureAwait(false);
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = chunk.ContentId });
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = chunk.Index });
            insert.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = chunk.Data, NpgsqlDbType = NpgsqlDbType.Bytea });
            insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = chunk.Whole?.Digest.ToString(), NpgsqlDbType = NpgsqlDbType.Text });
            insert.Parameters.Add(new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Bigint,
                Value = chunk.Whole is { } whole ? whole.Length : DBNull.Value,
            });
            return await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    public ValueTask<IReadOnlyCollection<ArtifactDigest>> AddManyAsync(IReadOnlyList<ContentChunk> chunks, CancellationToken cancellationToken) =>
        database.RunAsync(
            chunks,
            static async (connection, chunks, token) =>
            {
                var insert = connection.Command(
                    """
                    insert into public.artifact_contents (content_id, chunk, data, digest, length)
                    select content_id, 0, data, digest, octet_length(data) from unnest($1, $2, $3) as new (content_id, data, digest)
                    on conflict do nothing
                    """);
                await using var insertDisposal = insert.ConfigureAwait(false);
                insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. chunks.Select(static chunk => chunk.ContentId)] });
                insert.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. chunks.Select(static chunk => chunk.Data.ToArray())] });
                insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Texts(chunks.Select(static chunk => chunk.Whole!.Value.Digest)) });
                await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false);

                var look = connection.Command("select public.agentops_intact_contents($1)");
                await using var lookDisposal = look.ConfigureAwait(false);
                look.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Texts(chunks.Select(static chunk => chunk.Whole!.Value.Digest)) });
                var reader = await look.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using var readerDisposal = reader.ConfigureAwait(false);
                List<ArtifactDigest> intact = [];
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    intact.Add(ArtifactDigest.Parse(reader.GetString(0)));
                }

                return (IReadOnlyCollection<ArtifactDigest>)intact;
            },
            cancellationToken);

    public async ValueTask PublishAsync(Guid contentId, StoredContent content, CancellationToken cancellationToken) => await database.RunAsync(
        (contentId, content),
        static async (connection, input, token) =>
        {
            var update = connection.Command(
                """
                update public.artifact_contents set digest = $2, length = $3 where content_id = $1 and chunk = 0
                    and not exists (select from public.artifact_contents where digest = $2)
                """);
            await using var updateDisposal = update.ConfigureAwait(false);
            update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = input.contentId });
            update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = input.content.Digest.ToString() });
            update.Parameters.Add(new NpgsqlParameter<long> { TypedValue = input.content.Length });
            try
            {
                return await update.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // Another upload of the same bytes was published in the same moment.
                return 0;
            }
        },
        cancellationToken).ConfigureAwait(false);

    public ValueTask WithdrawAsync(Guid contentId, CancellationToken cancellationToken) =>
        ExecuteAsync("update public.artifact_contents set digest = null where content_id = $1 and chunk = 0", contentId, cancellationToken);

    public ValueTask DeleteAsync(Guid contentId, CancellationToken cancellationToken) =>
        ExecuteAsync("delete from public.artifact_contents where content_id = $1", contentId, cancellationToken);

    public ValueTask<PublishedContent?> FindAsync(ArtifactDigest digest, CancellationToken cancellationToken) => database.RunAsync(
        digest,
        static async (connection, digest, token) =>
        {
            var command = connection.Command(
                "select content_id, coalesce(length, 0), octet_length(data) from public.artifact_contents where digest = $1");
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = digest.ToString() });
            var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
            await using var readerDisposal = reader.ConfigureAwait(false);
            return await reader.ReadAsync(token).ConfigureAwait(false)
                ? new PublishedContent(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt32(2))
                : (PublishedContent?)null;
        },
        cancellationToken);

    public ValueTask<int?> ReadAsync(Guid contentId, int chunk, Memory<byte> into, CancellationToken cancellationToken) => database.RunAsync(
        (contentId, chunk, into),
        static async (connection, place, token) =>
        {
            var command = connection.Command(
                "select data from public.artifact_contents where content_id = $1 and chunk = $2");
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = place.contentId });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = place.chunk });
            var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, token).ConfigureAwait(false);
            await using var readerDisposal = reader.ConfigureAwait(false);
            if (!await reader.ReadAsync(token).ConfigureAwait(false))
            {
                return (int?)null;
            }

            var data = await reader.GetStreamAsync(0, token).ConfigureAwait(false);
            await using var dataDisposal = data.ConfigureAwait(false);
            var length = checked((int)data.Length);
            await data.ReadExactlyAsync(place.into[..Math.Min(length, place.into.Length)], token).ConfigureAwait(false);
            return length;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<Guid>> FindUnfinishedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        database.RunAsync(
            before,
            static async (connection, before, token) =>
            {
                var command = connection.Command(
                    "select content_id from public.artifact_contents where chunk = 0 and digest is null and created_ts < $1");
                await using var commandDisposal = command.ConfigureAwait(false);
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime });
                var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using var readerDisposal = reader.ConfigureAwait(false);
                List<Guid> contentIds = [];
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    contentIds.Add(reader.GetGuid(0));
                }

                return (IReadOnlyList<Guid>)contentIds;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<OldContent>> ListOldAsync(TimeSpan age, OldContent after, CancellationToken cancellationToken) =>
        database.RunAsync(
            (age, after),
            static async (connection, input, token) =>
            {
                var command = connection.Command(
                    "select digest, created_ts from public.agentops_old_contents($1, $2, $3, 500)");
                await using var commandDisposal = command.ConfigureAwait(false);
                command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = input.age.TotalSeconds });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = input.after.CreatedTs.UtcDateTime });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = input.after.Digest });
                var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using var readerDisposal = reader.ConfigureAwait(false);
                List<OldContent> page = [];
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    page.Add(new OldContent(reader.GetDateTime(1), reader.GetString(0)));
                }

                return (IReadOnlyList<OldContent>)page;
            },
            cancellationToken);

    public ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken) => database.RunAsync(
        digest,
        static async (connection, digest, token) =>
        {
            var command = connection.Command("select public.agentops_keep_content($1)");
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = digest.ToString() });
            return await command.ExecuteScalarAsync(token).ConfigureAwait(false) is true;
        },
        cancellationToken);

    public ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken) => database.RunAsync(
        digests,
        static async (connection, digests, token) =>
        {
            var command = connection.Command("select public.agentops_keep_contents($1)");
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Texts(digests) });
            return await command.ExecuteScalarAsync(token).ConfigureAwait(false) is true;
        },
        cancellationToken);

    public ValueTask<bool> CollectAsync(ArtifactDigest digest, TimeSpan age, CancellationToken cancellationToken) => database.RunAsync(
        (digest, age),
        static async (connection, input, token) =>
        {
            var command = connection.Command("select public.agentops_collect_content($1, $2)");
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = input.digest.ToString() });
            command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = input.age.TotalSeconds });
            return await command.ExecuteScalarAsync(token).ConfigureAwait(false) is true;
        },
        cancellationToken);

    private static string[] Texts(IEnumerable<ArtifactDigest> digests) => [.. digests.Select(static digest => digest.ToString())];

    private async ValueTask ExecuteAsync(string sql, Guid contentId, CancellationToken cancellationToken) => await database.RunAsync(
        (sql, contentId),
        static async (connection, input, token) =>
        {
            var command = connection.Command(input.sql);
            await using var commandDisposal = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = input.contentId });
            return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);
}
