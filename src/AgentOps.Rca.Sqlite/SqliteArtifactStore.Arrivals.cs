using System.Text;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Sqlite;

internal sealed partial class SqliteArtifactStore : IArtifactArrivals
{
    internal const string SelectArrivals = "SELECT number, digest FROM artifact_arrivals WHERE number > ?1 ORDER BY number LIMIT ?2";
    internal const string SelectRows = "SELECT digest FROM artifacts WHERE digest > ?1 ORDER BY digest LIMIT ?2";
    private const string SelectLastArrival = "SELECT coalesce(max(number), 0) FROM artifact_arrivals";
    private const string SelectPresent = "SELECT digest FROM artifacts WHERE digest IN (SELECT value FROM json_each(?1))";

    // A row that is read in passing takes less than one that is looked for.
    private const int RowsForALook = 8;
    private const int ArrivalRows = 20_000;

    /// <inheritdoc/>
    public async ValueTask<long?> ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(show);
        if (since is not { } mark)
        {
            return await database.ReadAsync(static session => session.QueryNumber(SelectLastArrival), cancellationToken).ConfigureAwait(false);
        }

        for (var rows = ArrivalRows; rows == ArrivalRows;)
        {
            var after = mark;
            (mark, rows) = await database.ReadAsync(session => ShowArrivals(session, after, show), cancellationToken).ConfigureAwait(false);
        }

        return mark;
    }

    /// <inheritdoc/>
    public async ValueTask ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (!(await ShowSinceAsync(null, show, cancellationToken).ConfigureAwait(false) / RowsForALook >= wanted.Count))
        {
            // The rows themselves, and not the arrivals, which go on to name one that somebody took out by hand.
            for (string? after = ""; after is not null;)
            {
                var place = after;
                after = await database.ReadAsync(session => ShowRows(session, place, show), cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        foreach (var some in wanted.Chunk(PageRows))
        {
            var list = ToJsonArray(some);
            await database.ReadAsync(session => ShowPresent(session, list, show), cancellationToken).ConfigureAwait(false);
        }
    }

    // The digest of the last row of a page, or null when there are no more.
    private static string? ShowRows(SqliteSession session, string after, Action<ArtifactDigest> show)
    {
        using var reader = session.Prepare(SelectRows, 2).Bind(after).Bind((long)ArrivalRows).Read();
        if (!reader.Read())
        {
            return null;
        }

        var found = new SqliteRows(reader);
        var rows = 0;
        string? last = null;
        do
        {
            var text = found.GetText(0);
            Show(text, show);
            last = ++rows == ArrivalRows ? Encoding.UTF8.GetString(text) : null;
        }
        while (found.Read());
        return last;
    }

    private static (long Last, int Rows) ShowArrivals(SqliteSession session, long after, Action<ArtifactDigest> show)
    {
        using var reader = session.Prepare(SelectArrivals, 2).Bind(after).Bind((long)ArrivalRows).Read();
        if (!reader.Read())
        {
            return (after, 0);
        }

        var arrivals = new SqliteRows(reader);
        var rows = 0;
        do
        {
            rows++;
            after = arrivals.GetNumber(0);
            Show(arrivals.GetText(1), show);
        }
        while (arrivals.Read());
        return (after, rows);
    }

    private static bool ShowPresent(SqliteSession session, string digests, Action<ArtifactDigest> show)
    {
        using var reader = session.Prepare(SelectPresent, 1).Bind(digests).Read();
        if (!reader.Read())
        {
            return false;
        }

        var present = new SqliteRows(reader);
        do
        {
            Show(present.GetText(0), show);
        }
        while (present.Read());
        return true;
    }

    private static void Show(ReadOnlySpan<byte> text, Action<ArtifactDigest> show)
    {
        if (ArtifactDigest.TryParse(text, out var digest))
        {
            show(digest);
        }
    }
}
