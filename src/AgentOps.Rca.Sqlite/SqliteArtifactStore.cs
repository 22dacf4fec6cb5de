using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>Rows of artifacts in a SQLite file.</summary>
internal sealed partial class SqliteArtifactStore(SqliteDatabase database) : IArtifactStore
{
    private const string Columns = "digest, mime, length, pii_masked, created_ts";
    private const string Insert = $"INSERT INTO artifacts ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    private const string Unmask = "UPDATE artifacts SET pii_masked = 0 WHERE digest = ?1";
    private const string Select = $"SELECT {Columns} FROM artifacts";
    private const string SelectOne = $"{Select} WHERE digest = ?1";
    private const string SelectMany = $"{Select} WHERE digest IN (SELECT value FROM json_each(?1))";

    // The text of a page stays below what the collector takes for a large object, which it would keep for long: a case may name millions.
    private const int PageRows = 500;

    /// <inheritdoc/>
    public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(artifact);
        return database.WriteAsync(session => Add(session, artifact), rows: 1, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        // Taken out of the caller's hands, who may use the list again when the call was cancelled.
        Artifact[] rows = [.. artifacts];
        foreach (var artifact in rows)
        {
            RecordRules.Require(artifact);
        }

        return database.WriteAsync<IReadOnlyList<WriteOutcome>>(session => Array.ConvertAll(rows, artifact => Add(session, artifact)), rows.Length, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(session => session.Prepare(Unmask, 1).Bind(digest.ToString()).Run(), rows: 1, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => Find(session, digest), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        foreach (var wanted in (digests is IReadOnlySet<ArtifactDigest> ? digests : digests.Distinct()).Chunk(PageRows))
        {
            var list = ToJsonArray(wanted);
            foreach (var artifact in await database.ReadAsync(session => FindMany(session, list), cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return artifact;
            }
        }
    }

    private static WriteOutcome Add(SqliteSession session, Artifact artifact)
    {
        var insert = session.Prepare(Insert, 5)
            .Bind(artifact.Digest.ToString()).Bind(artifact.Mime).Bind(artifact.Length).Bind(artifact.PiiMasked ? 1 : 0)
            .Bind(SqliteText.FromTime(artifact.CreatedTs));
        if (insert.Run() == 1)
        {
            return WriteOutcome.Added;
        }

        return Find(session, artifact.Digest)?.Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
    }

    private static Artifact? Find(SqliteSession session, ArtifactDigest digest)
    {
        using var reader = session.Prepare(SelectOne, 1).Bind(digest.ToString()).Read();
        return reader.Read() ? ReadArtifact(reader) : null;
    }

    private static List<Artifact> FindMany(SqliteSession session, string digests)
    {
        List<Artifact> found = [];
        using var reader = session.Prepare(SelectMany, 1).Bind(digests).Read();
        while (reader.Read())
        {
            found.Add(ReadArtifact(reader));
        }

        return found;
    }

    private static Artifact ReadArtifact(SqliteDataReader reader) => new()
    {
        Digest = ArtifactDigest.Parse(reader.GetString(0)),
        Mime = reader.GetString(1),
        Length = reader.GetInt64(2),
        PiiMasked = reader.GetInt64(3) != 0,
        CreatedTs = SqliteText.ToTime(reader.GetString(4)),
    };

    // Hexadecimal digits need no escaping.
    private static string ToJsonArray(ArtifactDigest[] digests) => string.Create((digests.Length * (ArtifactDigest.TextLength + 3)) + 1, digests, static (json, digests) =>
    {
        for (var i = 0; i < digests.Length; i++)
        {
            (i == 0 ? "[\"" : ",\"").CopyTo(json);
            digests[i].CopyHexTo(json[2..]);
            json[2 + ArtifactDigest.TextLength] = '"';
            json = json[(3 + ArtifactDigest.TextLength)..];
        }

        json[0] = ']';
    });
}
