using System.Globalization;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>Collects what a replay finds; every finding is hashed, the first ones are kept.</summary>
internal sealed class ReplayFindings(ReplayHash hash)
{
    private const int MostKept = 1_000;

    private readonly List<ReplayDeviation> _kept = [];
    private bool _isIncomplete;

    public IReadOnlyList<ReplayDeviation> Kept => _kept;

    public long Count { get; private set; }

    public ReplayDeviation? FirstDivergence { get; private set; }

    public ReplayVerdict Verdict => FirstDivergence is not null ? ReplayVerdict.Diverged
        : _isIncomplete ? ReplayVerdict.Incomplete
        : ReplayVerdict.Reproduced;

    public void Note(
        ReplayDeviationKind kind,
        string? spanId,
        [InterpolatedStringHandlerArgument("")] ref Sentence message,
        string? expected = null,
        string? actual = null) => Add(kind, ReplayEffect.Note, spanId, message.ToString(), expected, actual);

    public void Incomplete(
        ReplayDeviationKind kind,
        string? spanId,
        [InterpolatedStringHandlerArgument("")] ref Sentence message,
        string? expected = null,
        string? actual = null)
    {
        _isIncomplete = true;
        Add(kind, ReplayEffect.Incomplete, spanId, message.ToString(), expected, actual);
    }

    /// <summary>Tells of an artifact that a span names and that cannot be read.</summary>
    public void Missing(SpanNode span, string what, ArtifactFault fault, in ArtifactDigest digest)
    {
        if (_kept.Count < MostKept)
        {
            Incomplete(ReplayDeviationKind.MissingArtifact, span.SpanId, $"The {what} of {span} cannot be replayed. {fault.Message}", digest.ToString());
            return;
        }

        _isIncomplete = true;
        hash.AppendMissing(span, digest);
        Count++;
    }

    public void Diverged(ReplayDeviationKind kind, string? spanId, string message, string? expected = null, string? actual = null)
    {
        var deviation = Add(kind, ReplayEffect.Diverged, spanId, message, expected, actual);
        FirstDivergence ??= deviation;
    }

    private ReplayDeviation Add(
        ReplayDeviationKind kind, ReplayEffect effect, string? spanId, string message, string? expected, string? actual)
    {
        var deviation = new ReplayDeviation
        {
            Kind = kind,
            Effect = effect,
            SpanId = spanId,
            Expected = expected,
            Actual = actual,
            Message = message,
        };
        hash.Append(deviation);
        Count++;
        if (_kept.Count < MostKept)
        {
            _kept.Add(deviation);
        }

        return deviation;
    }

    /// <summary>The sentence of a finding, put together only where somebody will read it: an incident may miss a million artifacts.</summary>
    [InterpolatedStringHandler]
    internal ref struct Sentence
    {
        private readonly bool _isRead;
        private DefaultInterpolatedStringHandler _text;

        public Sentence(int literalLength, int formattedCount, ReplayFindings findings, out bool isRead)
        {
            _isRead = isRead = findings._kept.Count < MostKept;
            _text = isRead ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _isRead ? _text.ToStringAndClear() : "";
    }
}
