using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class GetSpanTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    private const int MostContent = 1_024 * 1_024;
    private const int DefaultLength = 2_048;
    private const string Arguments = "arguments";
    private const string Result = "result";
    private const string Attributes = "attributes";
    private const string Messages = "messages";
    private const string Offered = "offered";

    protected override string Name => "get_span";

    protected override string Description => "One step or span: what it was given and gave back, as bytes offset to offset+length of each field. messages: a model's conversation, readable.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"id":{"type":"string"},"fields":{"type":"array","items":{"enum":["arguments","result","attributes","messages","offered"]}},"offset":{"type":"integer"},"length":{"type":"integer","maximum":65536}
        """;

    protected override string[] Required => ["incident_id", "id"];

    protected override string Answers => """
        "incident_id":{"type":"string"},"step":{"type":"object"},"fields":{"type":"object"},"left_out":{"type":"integer","description":"bytes of these fields not shown"},"cursor":{"type":"string","description":"the next offset"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var (incidentId, id) = (arguments.Incident(), arguments.Text("id", most: 1_024, required: true));
        var fields = arguments.Choices("fields", Arguments, Result, Attributes, Messages, Offered) ?? [Arguments, Result];
        var offset = arguments.Whole("offset", 0, int.MaxValue, otherwise: 0);
        var length = arguments.Whole("length", 1, 65_536, otherwise: DefaultLength);
        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        if (await call.Get<IIncidentStore>().GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return GetIncidentTool.NotFound(incidentId);
        }

        var detail = await call.Get<IRunReader>().ReadStepAsync(
            new RunStepQuery { IncidentId = incidentId, StepId = id!, MostText = 16_384, Mask = call.Mask }, cancellationToken).ConfigureAwait(false) is RunStepOutcome.Found found
            ? found.Step : null;
        var spanId = detail is null ? id! : detail.Step.SpanId;
        var span = await call.Get<ISpanStore>().GetAsync(spanId, cancellationToken).ConfigureAwait(false);
        if (detail is null && (span is null || span.IncidentId != incidentId.ToString("D")))
        {
            return Answer.Fail($"id: The incident has no step and no span {AnswerWriter.Cut(id!, AnswerWriter.NameLength)}.");
        }

        List<Field> shown = [];
        foreach (var name in fields)
        {
            shown.Add(await ReadAsync(call, name, detail, span, cancellationToken).ConfigureAwait(false));
        }

        var page = call.Page("incident", $"{incidentId:D}", "span", spanId);
        return Answer.Fit(Options.AnswerBytes, length, (json, most) => Write(json, incidentId, detail, span, shown, offset, most, page));
    }

    private static void Write(
        Utf8JsonWriter json, Guid incidentId, RunStepDetail? detail, Span? span, IReadOnlyList<Field> fields, int offset, int length, string? page)
    {
        json.WriteString("incident_id", incidentId);
        json.WriteStartObject("step");
        if (detail is not null)
        {
            StepRow.WriteMembers(json, detail.Step);
        }
        else
        {
            json.WriteString("id", span!.SpanId);
            json.Text("parent_id", span.ParentId);
            json.Name("name", span.Tool);
        }

        json.WriteEndObject();
        json.WriteStartObject("fields");
        var (leftOut, next) = (0L, 0);
        foreach (var field in fields)
        {
            json.WriteStartObject(field.Name);
            var (from, to) = field.Piece(offset, length);
            if (field.Bytes is { } bytes)
            {
                json.WriteString("quoted", Encoding.UTF8.GetString(bytes.AsSpan(from, to - from)));
                json.WriteNumber("offset", from);
                json.WriteNumber("bytes", bytes.Length);
            }

            json.Text("missing", field.Missing);
            json.Text("digest", field.Digest);
            json.WriteEndObject();
            leftOut += (field.Bytes?.Length ?? 0) - (to - from);
            next = to < (field.Bytes?.Length ?? 0) && (next == 0 || to < next) ? to : next;
        }

        json.WriteEndObject();
        json.End(leftOut, next == 0 ? null : next.ToString(CultureInfo.InvariantCulture), page);
    }

    private static async ValueTask<Field> ReadAsync(ToolCall call, string name, RunStepDetail? detail, Span? span, CancellationToken cancellationToken)
    {
        var isRecorded = detail?.Step.Recorded != false && span is not null;
        switch (name)
        {
            case Attributes:
                return isRecorded ? Field.Of(name, call, span!.Attributes.GetRawText()) : Field.None(name, "No span of its own records this call.");
            case Messages:
                return detail is null ? Field.None(name, "This span is no step of an agent.") : Field.Of(name, Conversation.Of(detail.Step));
            case Offered:
                return detail?.Definitions is { Count: > 0 } tools ? Field.Of(name, call, Conversation.Of(tools)) : Field.None(name, "Which tools were offered is not recorded here.");
            default:
                if (!isRecorded)
                {
                    var preview = name == Arguments ? detail?.Step.Arguments : detail?.Step.Result;
                    return preview is null ? Field.None(name, "It is not recorded.") : Field.Of(name, preview.Text);
                }

                var digest = name == Arguments ? span!.ArgsDigest : span!.ResultDigest;
                return ArtifactDigest.TryParse(digest, out var artifact)
                    ? await ReadAsync(call, name, artifact, cancellationToken).ConfigureAwait(false)
                    : Field.None(name, "It is not recorded.");
        }
    }

    private static async ValueTask<Field> ReadAsync(ToolCall call, string name, ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var read = await call.Get<ArtifactVault>().ReadAllVerifiedAsync(digest, MostContent, cancellationToken).ConfigureAwait(false);
        return !read.IsIntact ? Field.None(name, read.Fault!.Message) with { Digest = digest.ToString() }
            : new Field(name, call.Mask ? ShownText.Mask(read.Content.ToArray(), read.Artifact.Mime, read.Artifact.PiiMasked) : read.Content.ToArray(), digest.ToString(), null);
    }

    /// <summary>A field as it may be shown; offsets count its bytes, masked as they are.</summary>
    private sealed record Field(string Name, byte[]? Bytes, string? Digest, string? Missing)
    {
        public static Field None(string name, string reason) => new(name, null, null, reason);

        public static Field Of(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), null, null);

        public static Field Of(string name, ToolCall call, string text) => Of(name, call.Mask ? ShownText.Mask(text) : text);

        /// <summary>The bytes asked for, from the beginning of a character to the end of one.</summary>
        public (int From, int To) Piece(int offset, int length)
        {
            var bytes = Bytes ?? [];
            var from = Boundary(bytes, Math.Min(offset, bytes.Length));
            return (from, Math.Max(from, Boundary(bytes, (int)Math.Min((long)from + length, bytes.Length))));
        }

        private static int Boundary(byte[] bytes, int at)
        {
            for (var back = 0; back < 3 && at > 0 && at < bytes.Length && (bytes[at] & 0xC0) == 0x80; back++)
            {
                at--;
            }

            return at;
        }
    }
}
