using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

internal sealed partial class SupabaseSpanStore : ISpanRows
{
    // Tables that were there before may keep JSON in another type, which holds what jsonb never does.
    private const string RowList =
        "span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes::text, pg_typeof(attributes) = 'jsonb'::regtype";

    /// <inheritdoc/>
    public ValueTask<SpanCursor?> ReadPageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default) =>
        ReadPageAsync(incidentId, isBare: false, after, most, show, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SpanCursor?> ReadBarePageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default) =>
        ReadPageAsync(incidentId, isBare: true, after, most, show, cancellationToken);

    private async ValueTask<SpanCursor?> ReadPageAsync(
        string incidentId, bool isBare, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(show);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        var query = new SpanQuery { IncidentId = incidentId, WithoutAttributes = isBare, After = after };
        // Shown when the whole page is here: a page that breaks off is read again from its beginning.
        var page = new SpanRowBatch();
        page.Last = await database.RunAsync((query, most, page), ReadRowsAsync, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < page.Count; i++)
        {
            show(page[i]);
        }

        return page.Last;
    }

    private ValueTask<SpanCursor?> ReadRowsAsync(
        SupabaseConnection connection, (SpanQuery Query, int Most, SpanRowBatch Page) read, CancellationToken cancellationToken)
    {
        return ReadPageAsync(connection, read.Query, read.Most, read.Query.WithoutAttributes ? BareList : RowList, ReadAsync, cancellationToken);

        async ValueTask<SpanCursor?> ReadAsync(NpgsqlCommand command, CancellationToken token)
        {
            read.Page.Clear();
            var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
            await using var readerDisposal = reader.ConfigureAwait(false);
            var columns = new RowColumns();
            SpanCursor? last = null;
            while (await reader.ReadAsync(token).ConfigureAwait(false))
            {
                columns.Read(reader, read.Query.WithoutAttributes);
                read.Page.Add(columns.Row);
                if (read.Page.Count == read.Most)
                {
                    last = new SpanCursor(columns.Row.StartTs, reader.GetString(0));
                }
            }

            return last;
        }
    }

    /// <summary>The columns of one row at a time, as bytes: what a page of records would take in texts is not made.</summary>
    private sealed class RowColumns
    {
        private const int Attributes = 5;
        private static readonly int[] Texts = [0, 1, 2, 5, 6, 7];

        private readonly int[] _ends = new int[Texts.Length];
        private readonly bool[] _has = new bool[Texts.Length];
        private byte[] _bytes = new byte[4_096];
        private long _startTs;
        private long _endTs;

        public SpanRow Row => new()
        {
            SpanId = Text(0),
            HasParent = _has[1],
            ParentId = Text(1),
            Tool = Text(2),
            StartTs = _startTs,
            EndTs = _endTs,
            HasArgs = _has[3],
            ArgsDigest = Text(3),
            HasResult = _has[4],
            ResultDigest = Text(4),
            Attributes = Text(Attributes),
        };

        // Tables that were there before may hold nulls that this library never writes.
        public void Read(NpgsqlDataReader reader, bool isBare)
        {
            var length = 0;
            for (var i = 0; i < Texts.Length; i++)
            {
                _has[i] = !reader.IsDBNull(Texts[i]);
                if (_has[i])
                {
                    var text = (int)reader.GetBytes(Texts[i], 0, null, 0, 0);
                    MakeRoom(length, text);
                    length += (int)reader.GetBytes(Texts[i], 0, _bytes, length, text);
                }

                _ends[i] = length;
            }

            _startTs = reader.IsDBNull(3) ? 0 : reader.GetInt64(3);
            _endTs = reader.IsDBNull(4) ? 0 : reader.GetInt64(4);
            if (!isBare && !(reader.GetBoolean(8) && StoredObject.IsPlain(Text(Attributes))))
            {
                ReplaceAttributes(RecordJson.Of(SupabaseRows.ReadObject(reader, 7)));
            }
        }

        private void ReplaceAttributes(RecordJson attributes)
        {
            attributes.TryGetUtf8(out var utf8);
            MakeRoom(_ends[Attributes - 1], utf8.Length);
            utf8.CopyTo(_bytes.AsSpan(_ends[Attributes - 1]));
            _ends[Attributes] = _ends[Attributes - 1] + utf8.Length;
        }

        private void MakeRoom(int length, int more)
        {
            if (length + more > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(length + more, _bytes.Length * 2));
            }
        }

        private ReadOnlySpan<byte> Text(int index)
        {
            var start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }
}
