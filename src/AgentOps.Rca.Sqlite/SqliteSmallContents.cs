using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Sqlite;

/// <summary>Small content in a SQLite file, which one writer writes after the other, so each transaction sees all rows that came before.</summary>
internal sealed class SqliteSmallContents(SqliteDatabase database) : ISmallContents
{
    // What is known and the same is written anew only to make it young, which is of use to none that is younger than any age it is collected at.
    private const string Write =
        "INSERT INTO artifact_contents (digest, written_ms, data, unpacked) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (digest) DO UPDATE SET written_ms = excluded.written_ms, data = excluded.data, unpacked = excluded.unpacked WHERE written_ms <= ?5 OR data <> excluded.data OR unpacked IS NOT excluded.unpacked";
    private const string Select = "SELECT data, unpacked FROM artifact_contents WHERE digest = ?1";
    private const string SelectOld =
        "SELECT digest FROM artifact_contents WHERE digest > ?1 AND written_ms <= ?2 ORDER BY digest LIMIT 1000";
    private const string SelectKept =
        "SELECT 1 FROM artifact_contents WHERE digest = ?1 AND EXISTS (SELECT 1 FROM artifacts WHERE digest = ?2)";
    private const string MakeYoung = "UPDATE artifact_contents SET written_ms = ?2 WHERE digest = ?1";
    private const string Collect =
        "DELETE FROM artifact_contents WHERE digest = ?1 AND written_ms <= ?2 AND NOT EXISTS (SELECT 1 FROM artifacts WHERE digest = ?3)";

    private static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(30);

    public async ValueTask WriteAsync(IReadOnlyList<SmallContent> contents, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (writtenAt, young) = (now.ToUnixTimeMilliseconds(), (now - YoungFor).ToUnixTimeMilliseconds());
        var rows = new (byte[] Digest, byte[] Data, long? Unpacked)[contents.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var (data, unpacked) = SqlitePackedContent.Pack(contents[i].Bytes);
            rows[i] = (contents[i].Digest.ToArray(), data, unpacked);
        }

        await database.WriteAsync(
            session =>
            {
                var write = session.Prepare(Write, 5);
                foreach (var (digest, data, unpacked) in rows)
                {
                    write.Bind(digest).Bind(writtenAt).Bind(data).Bind(unpacked).Bind(young).Run();
                }

                return contents.Count;
            },
            contents.Count,
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<byte[]?> ReadAsync(ArtifactDigest digest, CancellationToken cancellationToken) => database.ReadAsync(
        session =>
        {
            using var reader = session.Prepare(Select, 1).Bind(digest.ToArray()).Read();
            return reader.Read()
                ? SqlitePackedContent.Unpack(reader.GetFieldValue<byte[]>(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), LayeredContentStore.SmallLength)
                : null;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<ArtifactDigest>> ListOldAsync(DateTimeOffset before, ArtifactDigest? after, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ArtifactDigest>>(
            session =>
            {
                List<ArtifactDigest> page = [];
                using var reader = session.Prepare(SelectOld, 2).Bind(after?.ToArray() ?? []).Bind(before.ToUnixTimeMilliseconds()).Read();
                while (reader.Read())
                {
                    page.Add(new ArtifactDigest(reader.GetFieldValue<byte[]>(0)));
                }

                return page;
            },
            cancellationToken);

    public async ValueTask<IReadOnlyList<ArtifactDigest>> KeepAsync(
        IReadOnlyCollection<ArtifactDigest> digests, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unsure = await database.ReadAsync(session => digests.Where(digest => !IsKept(session, digest)).ToArray(), cancellationToken).ConfigureAwait(false);
        var writtenAt = now.ToUnixTimeMilliseconds();
        return unsure.Length == 0
            ? unsure
            : await database.WriteAsync<IReadOnlyList<ArtifactDigest>>(
                session => [.. unsure.Where(digest => session.Prepare(MakeYoung, 2).Bind(digest.ToArray()).Bind(writtenAt).Run() == 0)],
                unsure.Length,
                cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> CollectAsync(ArtifactDigest digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session => session.Prepare(Collect, 3).Bind(digest.ToArray()).Bind(before.ToUnixTimeMilliseconds()).Bind(digest.ToString()).Run(),
            rows: 1,
            cancellationToken).ConfigureAwait(false) > 0;

    // Content with a row is never collected, so what has both now has them from now on.
    private static bool IsKept(SqliteSession session, ArtifactDigest digest)
    {
        using var reader = session.Prepare(SelectKept, 2).Bind(digest.ToArray()).Bind(digest.ToString()).Read();
        return reader.Read();
    }
}
