using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;
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

    // No id of a span that a store holds comes near it; it bounds what a hostile file can take.
    private const int MostLine = 8 * 1024 * 1024;

    private static readonly SearchValues<byte> NeedEscapes = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, ' ').Select(static control => (byte)control)]);

    private readonly Utf8Table _ids;
    private readonly Column<ArtifactDigest> _digests = new();
    private int[]? _order;

    /// <summary>Makes an index without spans.</summary>
    public SpanIndex()
        : this(new Utf8Table())
    {
    }

    /// <summary>Makes an index of spans whose ids are kept already.</summary>
    /// <param name="ids">Their ids; the digests come in the same order.</param>
    internal SpanIndex(Utf8Table ids) => _ids = ids;

    /// <summary>How many spans it names.</summary>
    public int Count => _digests.Count;

    /// <summary>The spans and the digests of what they say, in the order in which they were taken in or read.</summary>
    public IEnumerable<Entry> Entries
    {
        get
        {
            for (var place = 0; place < _digests.Count; place++)
            {
                yield return new Entry(_ids.Text(place), _digests[place]);
            }
        }
    }

    /// <summary>The digests that the spans name and for which there was no artifact.</summary>
    public IReadOnlySet<ArtifactDigest> MissingArtifacts { get; private set; } = new HashSet<ArtifactDigest>();

    /// <summary>Takes a span in.</summary>
    /// <param name="span">A span that was not taken in before.</param>
    public void Add(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        _ids.TryAdd(Encoding.UTF8.GetBytes(span.SpanId), out _);
        Add(SpanJson.Digest(span));
    }

    /// <summary>Takes a span in that was hashed, the next of those whose ids are kept.</summary>
    internal void Add(in ArtifactDigest digest)
    {
        _digests.Add(digest);
        _order = null;
    }

    /// <summary>The place of a span, or a negative number.</summary>
    /// <param name="spanId">The span's id.</param>
    public int IndexOf(string spanId) => _ids.Find(spanId);

    /// <summary>The same for an id in UTF-8.</summary>
    internal int IndexOf(ReadOnlySpan<byte> spanId) => _ids.Find(spanId);

    /// <summary>The id of the span at a place.</summary>
    internal string IdAt(int place) => _ids.Text(place);

    /// <summary>The digest of what the span at a place says.</summary>
    internal ref readonly ArtifactDigest DigestAt(int place) => ref _digests[place];

    /// <summary>Takes in which of the artifacts that the spans name are not stored.</summary>
    /// <param name="digests">Their digests; not copied.</param>
    internal void SetMissing(IReadOnlySet<ArtifactDigest> digests) => MissingArtifacts = digests;

    /// <summary>Stores the index as an artifact.</summary>
    /// <param name="artifacts">Where it is stored.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public ValueTask<ArtifactDigest> StoreAsync(ArtifactVault artifacts, CancellationToken cancellationToken = default) =>
        StoreAsync(artifacts, Task.CompletedTask, cancellationToken);

    /// <summary>Stores the index while it is still looked for which of the artifacts are missing.</summary>
    /// <param name="artifacts">Where it is stored.</param>
    /// <param name="looking">Ends when <see cref="MissingArtifacts"/> holds no more than those; the spans are written meanwhile.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    internal async ValueTask<ArtifactDigest> StoreAsync(ArtifactVault artifacts, Task looking, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var pipe = new Pipe();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(pipe.Writer, looking, stopping.Token);
        var content = pipe.Reader.AsStream();
        await using var contentDisposal = content.ConfigureAwait(false);
        try
        {
            var stored = await artifacts.PutAsync(content, Mime, piiMasked: true, expected: null, cancellationToken).ConfigureAwait(false);
            await writing.ConfigureAwait(false);
            return stored.Artifact.Digest;
        }
        finally
        {
            // Where nobody takes its lines any more it must not go on with what the analysis gives back.
            await stopping.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads a stored index.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InvalidDataException">The bytes are no index.</exception>
    public static async ValueTask<SpanIndex> ReadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var index = new SpanIndex();
        var missing = new DigestTable();
        var reader = PipeReader.Create(content, new StreamPipeReaderOptions(bufferSize: MostUnflushed, leaveOpen: true));
        try
        {
            ReadResult read;
            do
            {
                read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                reader.AdvanceTo(index.Take(read.Buffer, read.IsCompleted, missing), read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }

        index.SetMissing(new NamedDigests(missing));
        return index;
    }

    // Takes the lines that are there whole, and says where the next one begins.
    private SequencePosition Take(in ReadOnlySequence<byte> content, bool isAll, DigestTable missing)
    {
        var rest = new SequenceReader<byte>(content);
        while (rest.TryReadTo(out ReadOnlySpan<byte> line, (byte)'\n'))
        {
            Take(line, missing);
        }

        if (rest.Remaining > MostLine)
        {
            throw new InvalidDataException("A line of the span index is too long.");
        }

        if (isAll && !rest.End)
        {
            Take(rest.UnreadSequence.ToArray(), missing);
        }

        return rest.Position;
    }

    private void Take(ReadOnlySpan<byte> line, DigestTable missing)
    {
        if (!TryTake(line, missing))
        {
            throw new InvalidDataException(
                $"Line {Count + missing.Count + 1} of the span index is not a span's id and its SHA-256, nor the SHA-256 of a missing artifact, or is out of order.");
        }
    }

    private async Task WriteAsync(PipeWriter writer, Task looking, CancellationToken cancellationToken)
    {
        try
        {
            _order ??= SpanIndexOrder.Of(_ids);
            foreach (var place in _order)
            {
                writer.Write("["u8);
                CanonicalJson.WriteText(_ids[place], writer);
                WriteDigest(","u8, _digests[place], writer);
                if (writer.UnflushedBytes > MostUnflushed)
                {
                    await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await looking.WaitAsync(cancellationToken).ConfigureAwait(false);
            IEnumerable<ArtifactDigest> missing = MissingArtifacts is NamedDigests inOrder ? inOrder : MissingArtifacts.Order();
            foreach (var digest in missing)
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

    // A line as it was stored. Most ids need no escapes, and their lines are read without being parsed as JSON.
    private bool TryTake(ReadOnlySpan<byte> line, DigestTable missing) =>
        (TryReadPlain(line, out var spanId, out var isSpan, out var digest) || TryReadJson(line, out spanId, out isSpan, out digest))
        && (isSpan ? missing.Count == 0 && TryAppend(spanId, digest) : missing.TryAdd(digest, out _));

    private bool TryAppend(ReadOnlySpan<byte> spanId, in ArtifactDigest digest)
    {
        if (!_ids.TryAdd(spanId, out var place) || (place > 0 && _ids[place - 1].SequenceCompareTo(_ids[place]) >= 0))
        {
            return false;
        }

        _digests.Add(digest);
        return true;
    }

    private static void WriteDigest(ReadOnlySpan<byte> before, in ArtifactDigest digest, PipeWriter writer)
    {
        var room = writer.GetSpan(ArtifactDigest.TextLength + 8);
        before.CopyTo(room);
        room[before.Length] = (byte)'"';
        digest.CopyHexTo(room[(before.Length + 1)..]);
        var end = before.Length + 1 + ArtifactDigest.TextLength;
        "\"]\n"u8.CopyTo(room[end..]);
        writer.Advance(end + 3);
    }

    private static bool TryReadPlain(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> spanId, out bool isSpan, out ArtifactDigest digest)
    {
        const int Ends = 2;
        spanId = default;
        isSpan = false;
        digest = default;
        if (line.Length < ArtifactDigest.TextLength + (2 * Ends) || !line.StartsWith("[\""u8) || !line.EndsWith("\"]"u8))
        {
            return false;
        }

        var texts = line[Ends..^Ends];
        if (texts.Length > ArtifactDigest.TextLength)
        {
            var before = texts[..^ArtifactDigest.TextLength];
            if (!before.EndsWith("\",\""u8))
            {
                return false;
            }

            spanId = before[..^3];
            isSpan = true;
        }

        return !spanId.ContainsAny(NeedEscapes) && Utf8.IsValid(spanId) && ArtifactDigest.TryParse(texts[^ArtifactDigest.TextLength..], out digest);
    }

    private static bool TryReadJson(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> spanId, out bool isSpan, out ArtifactDigest digest)
    {
        spanId = default;
        isSpan = false;
        digest = default;
        if (!JsonRules.TryRead(line, out var parts)
            || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() is not (1 or 2)
            || parts.EnumerateArray().Any(part => part.ValueKind != JsonValueKind.String))
        {
            return false;
        }

        isSpan = parts.GetArrayLength() == 2;
        spanId = isSpan ? Encoding.UTF8.GetBytes(parts[0].GetString()!) : default;
        return ArtifactDigest.TryParse(parts[isSpan ? 1 : 0].GetString(), out digest);
    }

    /// <summary>A span that was looked at.</summary>
    /// <param name="SpanId">Its id.</param>
    /// <param name="Digest">The SHA-256 of its canonical form.</param>
    public readonly record struct Entry(string SpanId, ArtifactDigest Digest);
}
