using System.Buffers;
using System.Globalization;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>
/// Reads spans out of a stream, in memory that one span bounds. The body is an array of spans, an object whose member <c>spans</c> is
/// such an array (other members may stand before and after it and are passed over), one span, or one span a line (NDJSON).
/// Members of a span that are not known are kept under its attributes. The first mistake ends the reading; the spans before it count.
/// </summary>
internal sealed class SpanReader : IDisposable
{
    /// <summary>How many bytes a span may have when nothing else is said: 4 MiB.</summary>
    public const int DefaultMaxSpanBytes = 4 * 1024 * 1024;

    private const int FirstBuffer = 128 * 1024;

    private readonly Stream _source;
    private readonly int _maxSpanBytes;
    private readonly SpanParser _parser = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _end;
    private bool _atEnd;
    private bool _started;
    private bool _done;
    private long _line = 1;
    private long _index;
    private BodyPlace _place = BodyPlace.Beginning;
    private string _parent = "";

    /// <summary>Makes a reader.</summary>
    /// <param name="source">The bytes, UTF-8; not disposed.</param>
    /// <param name="maxSpanBytes">How many bytes a span may have.</param>
    public SpanReader(Stream source, int maxSpanBytes = DefaultMaxSpanBytes)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSpanBytes, 1024);
        _source = source;
        _maxSpanBytes = maxSpanBytes;
    }

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private enum BodyPlace
    {
        Beginning,
        ArrayItem,
        ArrayItemOrEnd,
        AfterArrayItem,
        AfterWrappedArray,
        NextLine,
        AfterEverything,
    }

    private enum ReadStep
    {
        GoOn,
        NeedsBytes,
        Ended,
        Failed,
    }

    /// <summary>Reads on.</summary>
    /// <param name="most">How many spans at most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<SpanBatch> ReadAsync(int most, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var spans = new List<Span>(Math.Min(most, 1_024));
        while (!_done)
        {
            switch (Advance(spans, out var problem))
            {
                case ReadStep.GoOn when spans.Count == most:
                    return new SpanBatch(spans, IsLast: false, null);
                case ReadStep.GoOn:
                    break;
                case ReadStep.NeedsBytes:
                    await FillAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case ReadStep.Ended:
                    _done = true;
                    break;
                default:
                    _done = true;
                    return new SpanBatch(spans, IsLast: true, problem);
            }
        }

        return new SpanBatch(spans, IsLast: true, null);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _done = true;
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        // A span that did not fit is parsed again from its start, so each try gets twice the bytes: the work stays linear.
        var wanted = Math.Min(_end * 2, _buffer.Length);
        do
        {
            var read = await _source.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _atEnd = read == 0;
            _end += read;
        }
        while (!_atEnd && _end < wanted);
    }

    private ReadStep Advance(List<Span> spans, out SpanProblem? problem)
    {
        problem = null;
        if (!SkipByteOrderMark())
        {
            return ReadStep.NeedsBytes;
        }

        SkipWhiteSpace();
        if (_start == _end)
        {
            return !_atEnd ? ReadStep.NeedsBytes
                : _place is BodyPlace.NextLine or BodyPlace.AfterEverything ? ReadStep.Ended
                : Fail(SpanProblemKind.Malformed, "", _place == BodyPlace.Beginning ? "The body is empty." : "The body ends too early.", out problem);
        }

        var next = _buffer[_start];
        switch (_place)
        {
            case BodyPlace.Beginning when next == '[':
                return Take(BodyPlace.ArrayItemOrEnd);
            case BodyPlace.Beginning when next == '{':
                return Open(spans, out problem);
            case BodyPlace.Beginning:
                return Fail(
                    SpanProblemKind.Malformed, "", "Send an array of spans, {\"spans\": [...]}, one span, or one span a line.", out problem);
            case BodyPlace.ArrayItemOrEnd when next == ']':
            case BodyPlace.AfterArrayItem when next == ']':
                return Take(_parent.Length > 0 ? BodyPlace.AfterWrappedArray : BodyPlace.AfterEverything);
            case BodyPlace.AfterArrayItem when next == ',':
                return Take(BodyPlace.ArrayItem);
            case BodyPlace.AfterArrayItem:
                return Fail(SpanProblemKind.Malformed, Pointer(), "A comma or the end of the array is expected after a span.", out problem);
            case BodyPlace.ArrayItem or BodyPlace.ArrayItemOrEnd:
                return ReadSpan(spans, BodyPlace.AfterArrayItem, out problem);
            case BodyPlace.NextLine:
                return ReadSpan(spans, BodyPlace.NextLine, out problem);
            case BodyPlace.AfterWrappedArray:
                return SkipRest(out problem);
            default:
                return Fail(SpanProblemKind.Malformed, "", "Nothing may follow the end of the spans.", out problem);
        }
    }

    // An object at the beginning is a wrapped array when it has a member "spans", else it is the first span.
    private ReadStep Open(List<Span> spans, out SpanProblem? problem)
    {
        problem = null;
        switch (SpanEnvelope.FindSpans(Rest, _atEnd, out var consumed, out var reason))
        {
            case SpanEnvelope.Finding.Wrapped when consumed > _maxSpanBytes:
                return TooLarge("", "What stands before the spans", out problem);
            case SpanEnvelope.Finding.Wrapped:
                _parent = "/spans";
                Consume(consumed);
                _place = BodyPlace.ArrayItemOrEnd;
                return ReadStep.GoOn;
            case SpanEnvelope.Finding.NeedsBytes:
                return NeedBytes("", "What stands before the spans", out problem);
            case SpanEnvelope.Finding.NotAnArray:
                return Fail(SpanProblemKind.Invalid, "/spans", "It must be an array of spans.", out problem);
            case SpanEnvelope.Finding.Malformed:
                return FailInJson("", reason!, out problem);
            default:
                return ReadSpan(spans, BodyPlace.NextLine, out problem);
        }
    }

    private ReadStep SkipRest(out SpanProblem? problem)
    {
        problem = null;
        switch (SpanEnvelope.SkipMember(Rest, _atEnd, out var consumed, out var reason))
        {
            case SpanEnvelope.Finding.NeedsBytes:
                return NeedBytes("", "What stands after the spans", out problem);
            case SpanEnvelope.Finding.Malformed:
                return FailInJson("", reason!, out problem);
            case SpanEnvelope.Finding.NotAnArray:
                return Fail(SpanProblemKind.Malformed, "/spans", "This member is there twice.", out problem);
            case SpanEnvelope.Finding.End:
                return Take(BodyPlace.AfterEverything);
            default:
                if (consumed > _maxSpanBytes)
                {
                    return TooLarge("", "What stands after the spans", out problem);
                }

                Consume(consumed);
                return ReadStep.GoOn;
        }
    }

    private ReadStep ReadSpan(List<Span> spans, BodyPlace then, out SpanProblem? problem)
    {
        problem = null;
        switch (_parser.Parse(Rest, _atEnd, out var span, out var consumed))
        {
            case SpanParser.Outcome.Read when consumed > _maxSpanBytes:
                return TooLarge(Pointer(), "A span", out problem);
            case SpanParser.Outcome.Read:
                spans.Add(span!);
                Consume(consumed);
                _index++;
                _place = then;
                return ReadStep.GoOn;
            case SpanParser.Outcome.NeedsBytes:
                return NeedBytes(Pointer(), "A span", out problem);
            case SpanParser.Outcome.Malformed:
                return FailInJson(Pointer(), _parser.Failure!, out problem);
            default:
                return Fail(SpanProblemKind.Invalid, Pointer() + _parser.Problem.Pointer, _parser.Problem.Message, out problem);
        }
    }

    private ReadStep NeedBytes(string pointer, string what, out SpanProblem? problem)
    {
        problem = null;
        return _end - _start < _maxSpanBytes ? ReadStep.NeedsBytes : TooLarge(pointer, what, out problem);
    }

    private ReadStep TooLarge(string pointer, string what, out SpanProblem? problem) => Fail(
        SpanProblemKind.TooLarge,
        pointer,
        string.Create(CultureInfo.InvariantCulture, $"{what} must not have more than {_maxSpanBytes} bytes."),
        out problem);

    private ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    // A body that is one span has no index; everything else names the span by its number.
    private string Pointer() => _place == BodyPlace.Beginning ? "" : string.Create(CultureInfo.InvariantCulture, $"{_parent}/{_index}");

    private ReadStep Take(BodyPlace then)
    {
        Consume(1);
        _place = then;
        return ReadStep.GoOn;
    }

    private void Consume(int count)
    {
        _line += _buffer.AsSpan(_start, count).Count((byte)'\n');
        _start += count;
    }

    // False when it may be there but is not there whole yet.
    private bool SkipByteOrderMark()
    {
        if (!_started && _end - _start < ByteOrderMark.Length && !_atEnd && ByteOrderMark.StartsWith(Rest))
        {
            return false;
        }

        if (!_started && Rest.StartsWith(ByteOrderMark))
        {
            Consume(ByteOrderMark.Length);
        }

        _started = true;
        return true;
    }

    private void SkipWhiteSpace()
    {
        var next = Rest.IndexOfAnyExcept(" \t\r\n"u8);
        Consume(next < 0 ? _end - _start : next);
    }

    private ReadStep FailInJson(string pointer, JsonFailure failure, out SpanProblem? problem)
    {
        problem = new SpanProblem(SpanProblemKind.Malformed, pointer, _line + failure.Line, failure.Message);
        return ReadStep.Failed;
    }

    private ReadStep Fail(SpanProblemKind kind, string pointer, string message, out SpanProblem? problem)
    {
        problem = new SpanProblem(kind, pointer, _line, message);
        return ReadStep.Failed;
    }
}
