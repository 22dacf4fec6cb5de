using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Which spans an analysis looked at, and the SHA-256 of each one's canonical form. The stored form is one line of JSON a span,
/// <c>["&lt;span_id&gt;","&lt;sha256&gt;"]</c>, by id (bytes of UTF-8), then one line for each artifact that they name and that is not
/// stored, <c>["&lt;sha256&gt;"]</c>, sorted; so it is the same for every order of arrival.
/// </summary>
internal sealed class SpanIndex
{
    /// <summary>The media type of the stored form.</summary>
    public const string Mime = "application/vnd.agentops-rca.span-index";

    private const int MostUnflushed = 64 * 1024;

    private readonly List<Entry> _entries = [];
    private Dictionary<string, int>? _places;
    private bool _isSorted;
    private HashSet<ArtifactDigest> _missing = [];

    /// <summary>How many spans it names.</summary>
    public int Count => _entries.Count;

    /// <summary>The spans and the digests of what they say; in the order of the stored form once it was written or read.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>The digests that the spans name and for which there was no artifact.</summary>
    public IReadOnlySet<ArtifactDigest> MissingArtifacts => _missing;

    /// <summary>Takes a span in.</summary>
    /// <param name="span">A span that was not taken in before.</param>
    public void Add(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        Add(span.SpanId, SpanJson.Digest(span));
    }

    /// <summary>Takes a span in that was hashed.</summary>
    internal void Add(string spanId, ArtifactDigest digest)
    {
        _entries.Add(new Entry(spanId, digest));
        (_isSorted, _places) = (false, null);
    }

    /// <summary>The place of a span in <see cref="Entries"/> of an index that was read, or a negative number.</summary>
    /// <param name="spanId">The span's id.</param>
    public int IndexOf(string spanId) => (_places ??= Places()).GetValueOrDefault(spanId, -1);

    /// <summary>Takes in which of the artifacts that the spans name are not stored.</summary>
    /// <param name="digests">Their digests; not copied.</param>
    internal void SetMissing(HashSet<ArtifactDigest> digests) => _missing = digests;

    /// <summary>Brings the entries into the order of the stored form.</summary>
    internal void Sort()
    {
        if (!_isSorted)
        {
            SpanIndexOrder.Sort(CollectionsMarshal.AsSpan(_entries));
            (_isSorted, _places) = (true, null);
        }
    }

    /// <summary>Stores the index as an artifact.</summary>
    /// <param name="artifacts">Where it is stored.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask<ArtifactDigest> StoreAsync(ArtifactVault artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, cancellationToken);
        var content = pipe.Reader.AsStream();
        await using var contentDisposal = content.ConfigureAwait(false);
        var stored = await artifacts.PutAsync(content, Mime, piiMasked: true, expected: null, cancellationToken).ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        return stored.Artifact.Digest;
    }

    /// <summary>Reads a stored index.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InvalidDataException">The bytes are no index.</exception>
    public static async ValueTask<SpanIndex> ReadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var index = new SpanIndex();
        using var reader = new StreamReader(content, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (!TryReadLine(line, out var spanId, out var digest)
                || !(spanId is null ? index._missing.Add(digest) : index._missing.Count == 0 && index.TryAppend(new Entry(spanId, digest))))
            {
                throw new InvalidDataException(
                    $"Line {index.Count + index._missing.Count + 1} of the span index is not a span's id and its SHA-256, nor the SHA-256 of a missing artifact, or is out of order.");
            }
        }

        return index;
    }

    private Dictionary<string, int> Places()
    {
        var places = new Dictionary<string, int>(_entries.Count, StringComparer.Ordinal);
        for (var i = 0; i < _entries.Count; i++)
        {
            places[_entries[i].SpanId] = i;
        }

        return places;
    }

    private async Task WriteAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            Sort();
            foreach (var (spanId, digest) in _entries)
            {
                writer.Write("["u8);
                CanonicalJson.WriteText(spanId, writer);
                WriteDigest(","u8, digest, writer);
                if (writer.UnflushedBytes > MostUnflushed)
                {
                    await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            foreach (var digest in _missing.Order())
            {
                WriteDigest("["u8, digest, writer);
                if (writer.UnflushedBytes > MostUnflushed)
                {
                    await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await writer.CompleteAsync(exception).ConfigureAwait(false);
            throw;
        }
    }

    private bool TryAppend(Entry entry)
    {
        if (_entries.Count > 0 && Entry.ById.Compare(_entries[^1], entry) >= 0)
        {
            return false;
        }

        _entries.Add(entry);
        return true;
    }

    private static void WriteDigest(ReadOnlySpan<byte> before, ArtifactDigest digest, PipeWriter writer)
    {
        var room = writer.GetSpan(ArtifactDigest.TextLength + 8);
        before.CopyTo(room);
        room[before.Length] = (byte)'"';
        digest.CopyHexTo(room[(before.Length + 1)..]);
        var end = before.Length + 1 + ArtifactDigest.TextLength;
        "\"]\n"u8.CopyTo(room[end..]);
        writer.Advance(end + 3);
    }

    private static bool TryReadLine(string line, out string? spanId, out ArtifactDigest digest)
    {
        spanId = null;
        digest = default;
        if (!JsonRules.TryRead(Encoding.UTF8.GetBytes(line), out var parts)
            || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() is not (1 or 2)
            || parts.EnumerateArray().Any(part => part.ValueKind != JsonValueKind.String))
        {
            return false;
        }

        var isSpan = parts.GetArrayLength() == 2;
        spanId = isSpan ? parts[0].GetString() : null;
        return ArtifactDigest.TryParse(parts[isSpan ? 1 : 0].GetString(), out digest);
    }

    /// <summary>A span that was looked at.</summary>
    /// <param name="SpanId">Its id.</param>
    /// <param name="Digest">The SHA-256 of its canonical form.</param>
    public readonly record struct Entry(string SpanId, ArtifactDigest Digest)
    {
        internal static IComparer<Entry> ById { get; } =
            Comparer<Entry>.Create(static (left, right) => Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId));
    }
}
