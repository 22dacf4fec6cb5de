using System.Transactions;
using AgentOps.Rca.Spans;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>
/// Binary COPY for batches whose spans are all new, as nearly all are: it writes many rows at a time into a page, where an insert that asks about conflicts writes each by itself.
/// COPY knows no <c>on conflict</c>: a batch with one span that is there fails as a whole, and goes the other way.
/// </summary>
internal sealed class SupabaseSpanCopy
{
    private const int MostDoublings = 6;

    // In binary a value of another type is misread where an insert would convert it; a table that was there before may have such a column. Row level security knows no COPY, rules are
    // passed by, and without a key of its own a batch that is sent again is stored again.
    private const string IsPossible =
        """
        select count(*) = 9 and bool_and(format_type(atttypid, null) = expected) and bool_and(relkind in ('r', 'p')) and not bool_or(relhasrules) and not bool_or(row_security_active(attrelid))
            and exists (
                select from pg_index i where i.indrelid = 'public.spans'::regclass and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
                    and i.indnkeyatts = 1 and i.indkey[0] = (select attnum from pg_attribute where attrelid = 'public.spans'::regclass and attname = 'span_id'))
        from unnest(
            array['span_id', 'parent_id', 'tool', 'start_ts', 'end_ts', 'args_digest', 'result_digest', 'attributes', 'incident_id'],
            array['text', 'text', 'text', 'bigint', 'bigint', 'text', 'text', 'jsonb', 'text']) as columns (name, expected)
        join pg_attribute on attname = name and attrelid = 'public.spans'::regclass
        join pg_class on pg_class.oid = attrelid
        """;

    private const string Copy =
        "copy public.spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id) from stdin (format binary)";

    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(5);

    private Answer? _answer;
    private int _failed;
    private int _toPassBy;

    /// <summary>Copies a batch; null when it has to be inserted.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="batch">The spans; each id once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many rows there are more.</returns>
    public async ValueTask<int?> TryAsync(SupabaseConnection connection, IReadOnlyList<Span> batch, CancellationToken cancellationToken)
    {
        // Whoever sends again what is stored does so for a while. And a transaction of the caller's would end with a copy that fails.
        if (Transaction.Current is not null || (Volatile.Read(ref _toPassBy) > 0 && Interlocked.Decrement(ref _toPassBy) >= 0))
        {
            return null;
        }

        try
        {
            if (_answer is not { } answer || TimeProvider.System.GetElapsedTime(answer.At) > AskAgain)
            {
                _answer = answer = new Answer(await AskAsync(connection, cancellationToken).ConfigureAwait(false), TimeProvider.System.GetTimestamp());
            }

            if (!answer.IsPossible)
            {
                return null;
            }

            var added = await CopyAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            _failed = 0;
            return added;
        }
        catch (PostgresException exception) when (SupabaseFaults.Classify(exception) == Faults.StoreFault.Permanent)
        {
            // Nothing of it is stored. The insert says what is wrong, if it is more than a span that was there.
            _failed++;
            _toPassBy = 1 << Math.Min(_failed, MostDoublings);
            return null;
        }
    }

    private static async ValueTask<bool> AskAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        var ask = connection.Command(IsPossible);
        await using var askDisposal = ask.ConfigureAwait(false);
        return await ask.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
    }

    private static async ValueTask<int> CopyAsync(SupabaseConnection connection, IReadOnlyList<Span> batch, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginCopyAsync(Copy, cancellationToken).ConfigureAwait(false);
        await using var copyDisposal = copy.ConfigureAwait(false);
        var attributes = Array.Empty<byte>();
        foreach (var span in batch)
        {
            await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await WriteAsync(span.SpanId, NpgsqlDbType.Text).ConfigureAwait(false);
            await WriteAsync(span.ParentId, NpgsqlDbType.Text).ConfigureAwait(false);
            await WriteAsync(span.Tool, NpgsqlDbType.Text).ConfigureAwait(false);
            await copy.WriteAsync(span.StartTs, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
            await copy.WriteAsync(span.EndTs, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
            await WriteAsync(span.ArgsDigest, NpgsqlDbType.Text).ConfigureAwait(false);
            await WriteAsync(span.ResultDigest, NpgsqlDbType.Text).ConfigureAwait(false);

            // jsonb keeps each value, and comparisons are over the canonical form, so the text may go in as it came.
            var json = span.KeptAttributes;
            attributes = attributes.Length < json.Utf8Length ? new byte[json.Utf8Length * 2] : attributes;
            json.CopyUtf8To(attributes);
            await copy.WriteAsync<ReadOnlyMemory<byte>>(attributes.AsMemory(0, json.Utf8Length), NpgsqlDbType.Jsonb, cancellationToken).ConfigureAwait(false);
            await WriteAsync(span.IncidentId, NpgsqlDbType.Text).ConfigureAwait(false);
        }

        return (int)await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);

        Task WriteAsync(string? text, NpgsqlDbType type) =>
            text is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(text, type, cancellationToken);
    }

    private sealed record Answer(bool IsPossible, long At);
}
