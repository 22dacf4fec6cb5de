using AgentOps.Rca.Artifacts;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <remarks>
/// A row says which transaction added it. The mark is the first transaction that was not over when one looked: what one did not see was added by
/// that one or by a later one.
/// </remarks>
internal sealed partial class SupabaseArtifactStore : IArtifactArrivals
{
    private const int ArrivalRows = 20_000;

    /// <inheritdoc/>
    public async ValueTask<long?> ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(show);
        var now = await database.RunAsync(0, ReadMarkAsync, cancellationToken).ConfigureAwait(false);
        if (now is null || since is null)
        {
            return now;
        }

        // A database that was put back to an earlier day, or into another server, counts its transactions anew.
        (long Arrival, string Digest)? place = (now < since ? 0 : since.Value, "");
        while (place is { } after)
        {
            var page = await database.RunAsync(after, ReadArrivalsAsync, cancellationToken).ConfigureAwait(false);
            page.Digests.ForEach(show);
            place = page.Next;
        }

        return now;
    }

    /// <inheritdoc/>
    public async ValueTask ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(show);
        foreach (var page in wanted.Chunk(ArrivalRows))
        {
            (await database.RunAsync(page, ReadPresentAsync, cancellationToken).ConfigureAwait(false)).ForEach(show);
        }
    }

    /// <summary>The command of a page; seen by the test that reads its plan.</summary>
    internal static NpgsqlCommand BuildArrivals(SupabaseConnection connection, (long Arrival, string Digest) after)
    {
        var command = connection.Command(
            "select arrival, digest from public.artifacts where (arrival, digest) > ($1, $2) order by arrival, digest limit $3");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Arrival });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after.Digest });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = ArrivalRows });
        return command;
    }

    // Who may not call the function looks for each again.
    private static async ValueTask<long?> ReadMarkAsync(SupabaseConnection connection, int state, CancellationToken cancellationToken)
    {
        var command = connection.Command("select public.agentops_arrival_mark()");
        await using var commandDisposal = command.ConfigureAwait(false);
        try
        {
            return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction)
        {
            return null;
        }
    }

    private static async ValueTask<(List<ArtifactDigest> Digests, (long Arrival, string Digest)? Next)> ReadArrivalsAsync(
        SupabaseConnection connection, (long Arrival, string Digest) after, CancellationToken cancellationToken)
    {
        var command = BuildArrivals(connection, after);
        await using var commandDisposal = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        List<ArtifactDigest> digests = [];
        var rows = 0;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows++;
            after = (reader.GetInt64(0), reader.GetString(1));
            Add(digests, after.Digest);
        }

        return (digests, rows == ArrivalRows ? after : null);
    }

    private static async ValueTask<List<ArtifactDigest>> ReadPresentAsync(
        SupabaseConnection connection, ArtifactDigest[] wanted, CancellationToken cancellationToken)
    {
        var command = connection.Command("select digest from public.artifacts where digest = any($1)");
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(wanted, static digest => digest.ToString()) });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        List<ArtifactDigest> present = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Add(present, reader.GetString(0));
        }

        return present;
    }

    private static void Add(List<ArtifactDigest> digests, string text)
    {
        if (ArtifactDigest.TryParse(text, out var digest))
        {
            digests.Add(digest);
        }
    }
}
