using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// A span as SQLite takes it, its texts as UTF-8 one after another. It is made on the thread of who writes, so that the one that all writers share has only to hand it over,
/// and it is a copy: a cancelled caller may reuse its list or dispose of its JSON while the write still runs.
/// </summary>
internal readonly struct SqliteSpanRow
{
    private const int AttributesText = 5;
    private const int Absent = -1;

    // The parameters of the texts, in their order; 4 and 5 are the times.
    private static readonly int[] Parameters = [1, 2, 3, 6, 7, 8, 9];

    private readonly byte[] _texts;
    private readonly Lengths _lengths;

    private SqliteSpanRow(Span span, byte[] texts, Lengths lengths)
    {
        Span = span;
        _texts = texts;
        _lengths = lengths;
    }

    /// <summary>The span. Its attributes may be gone, see <see cref="WithAttributes"/>.</summary>
    public Span Span { get; }

    /// <summary>Makes the row of a span that was looked through.</summary>
    public static SqliteSpanRow Of(Span span)
    {
        var attributes = span.KeptAttributes;
        Lengths lengths = default;
        var total = 0;
        for (var i = 0; i < Parameters.Length; i++)
        {
            lengths[i] = i == AttributesText ? attributes.Utf8Length : TextOf(span, i) is { } text ? Encoding.UTF8.GetByteCount(text) : Absent;
            total += Math.Max(0, lengths[i]);
        }

        var texts = new byte[total];
        var rest = texts.AsSpan();
        for (var i = 0; i < Parameters.Length; i++)
        {
            if (lengths[i] <= 0)
            {
                continue;
            }

            if (i == AttributesText)
            {
                attributes.CopyUtf8To(rest);
            }
            else
            {
                Encoding.UTF8.GetBytes(TextOf(span, i), rest);
            }

            rest = rest[lengths[i]..];
        }

        return new SqliteSpanRow(span, texts, lengths);
    }

    /// <summary>Binds it to the parameters of an insert.</summary>
    public void Bind(SqliteInsert insert)
    {
        var rest = _texts.AsSpan();
        for (var i = 0; i < Parameters.Length; i++)
        {
            if (_lengths[i] == Absent)
            {
                insert.BindNull(Parameters[i]);
                continue;
            }

            insert.Bind(Parameters[i], rest[.._lengths[i]]);
            rest = rest[_lengths[i]..];
        }

        insert.Bind(4, Span.StartTs);
        insert.Bind(5, Span.EndTs);
    }

    /// <summary>The span with the attributes that are stored.</summary>
    public Span WithAttributes()
    {
        var start = 0;
        for (var i = 0; i < AttributesText; i++)
        {
            start += Math.Max(0, _lengths[i]);
        }

        return Span with { KeptAttributes = RecordJson.OfStored(_texts.AsSpan(start, _lengths[AttributesText]).ToArray()) };
    }

    private static string? TextOf(Span span, int text) => text switch
    {
        0 => span.SpanId,
        1 => span.ParentId,
        2 => span.Tool,
        3 => span.ArgsDigest,
        4 => span.ResultDigest,
        _ => span.IncidentId,
    };

    [InlineArray(7)]
    private struct Lengths
    {
        private int _first;
    }
}
