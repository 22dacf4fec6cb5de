using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads single calls of runs.</summary>
internal sealed class RunSpanReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts, SpanTables tables)
{
    // What is longer is shown by its first bytes: nobody reads it on a page, and the artifact has it whole.
    private const int MostContent = 4 * 1024 * 1024;

    public async ValueTask<RunSpanOutcome> ReadAsync(RunSpanQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MostText, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.MostText, TextPreviews.Longest);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return new RunSpanOutcome.IncidentNotFound(query.IncidentId);
        }

        var run = await tables.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false);
        var place = run.Table.Find(query.SpanId);
        if (place == SpanTable.None || await spans.GetAsync(query.SpanId, cancellationToken).ConfigureAwait(false) is not { } span)
        {
            return new RunSpanOutcome.SpanNotFound(query.SpanId);
        }

        var texts = new TextPreviews(query.MostText, query.Mask ? NewRedactor(run.Table, query.SpanId) : null);
        var (arguments, argumentsContent) = await ContentAsync(span.ArgsDigest, texts, cancellationToken).ConfigureAwait(false);
        var (result, resultContent) = await ContentAsync(span.ResultDigest, texts, cancellationToken).ConfigureAwait(false);
        var (table, lane) = (run.Table, run.Table.Lanes[run.Table.Lane[place]]);
        var (start, hasEnd) = (EpochUnit.ToNanoseconds(span.StartTs), !table.Flags[place].HasFlag(SpanMarks.NoEnd));
        var end = EpochUnit.ToNanoseconds(span.EndTs);
        return new RunSpanOutcome.Found(new RunSpan
        {
            IncidentId = query.IncidentId,
            SpanId = span.SpanId,
            ParentId = span.ParentId,
            Tool = span.Tool,
            Agent = lane.Agent,
            Service = lane.Service,
            StepId = run.Steps.OwnerOf(place) is not SpanTable.None and var step ? table.IdOf(step) : null,
            From = EpochUnit.ToInstant(start),
            To = hasEnd ? EpochUnit.ToInstant(end) : null,
            DurationMs = hasEnd && end >= start ? Milliseconds.Between(start, end) : null,
            MovedMs = table.Skew is { } skew ? Milliseconds.Of(skew.ShiftNs[place]) : 0,
            Failure = SpanFailure.Read(span.Attributes) is { } failure
                ? new RunSpanFailure(failure.Type, texts.Show(failure.Message, digest: null)?.Text, failure.HttpStatus) : null,
            Arguments = arguments,
            Result = result,
            ArgumentsContent = argumentsContent,
            ResultContent = resultContent,
            Attributes = span.Attributes,
        });
    }

    private async ValueTask<(TextPreview? Text, StepContent? Content)> ContentAsync(string? named, TextPreviews texts, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(named, out var digest))
        {
            return default;
        }

        var read = await artifacts.ReadAllVerifiedAsync(digest, MostContent, cancellationToken).ConfigureAwait(false);
        var isLong = read.Fault is ArtifactFault.TooLarge;
        read = isLong ? await artifacts.ReadPreviewAsync(digest, cancellationToken).ConfigureAwait(false) : read;
        var content = new StepContent(digest.ToString(), read.Artifact?.Mime, read.Artifact?.Length);
        if (!read.IsIntact)
        {
            return (null, content);
        }

        var text = texts.Show(Encoding.UTF8.GetString(read.Content.Span), digest);
        return (isLong ? text! with { Length = read.Artifact.Length, Cut = true } : text, content);
    }

    // Ids of spans and traces look random and are no secrets.
    private static Redactor NewRedactor(SpanTable table, string spanId)
    {
        var redactor = new Redactor(spanId.Split(':'));
        redactor.Know(text => table.Find(text) != SpanTable.None);
        return redactor;
    }
}
