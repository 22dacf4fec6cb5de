using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Reads one span from the start of a buffer. Not safe for concurrent use; one reader owns it.</summary>
internal sealed class SpanParser
{
    /// <summary>How many bytes of UTF-8 an id or a tool's name may have.</summary>
    public const int MaxTextBytes = 512;

    /// <summary>
    /// How many bytes the id of an incident may have. PostgreSQL keeps it in one index entry with the span's id and its tool, and an
    /// entry has room for some 2,700 bytes.
    /// </summary>
    public const int MaxIncidentIdBytes = 200;

    private const int MaxUtf8BytesPerChar = 3;

    private const int Required = (1 << (int)SpanMember.SpanId) | (1 << (int)SpanMember.Tool) | (1 << (int)SpanMember.StartTs) | (1 << (int)SpanMember.EndTs);

    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonRules.MaxRecordDepth };
    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private readonly TextCache _texts = new();
    private readonly SpanAttributesReader _attributes = new();

    internal enum Outcome
    {
        Read,
        NeedsBytes,

        /// <summary>See <see cref="SpanParser.Failure"/>.</summary>
        Malformed,

        /// <summary>See <see cref="SpanParser.Problem"/>.</summary>
        Invalid,
    }

    private enum SpanMember
    {
        SpanId,
        ParentId,
        Tool,
        StartTs,
        EndTs,
        ArgsDigest,
        ResultDigest,
        Attributes,
        IncidentId,
        Unknown,
    }

    public JsonFailure? Failure { get; private set; }

    public JsonProblem Problem { get; private set; }

    public Outcome Parse(ReadOnlySpan<byte> utf8, bool isFinal, out Span? span, out int consumed)
    {
        span = null;
        consumed = 0;
        Failure = null;
        Problem = default;
        try
        {
            var reader = new Utf8JsonReader(utf8, isFinal, new JsonReaderState(Options));
            var outcome = Parse(ref reader, utf8, out span);
            consumed = (int)reader.BytesConsumed;
            return outcome;
        }
        catch (JsonException exception)
        {
            Failure = JsonFailure.Of(exception);
            return Outcome.Malformed;
        }
    }

    private Outcome Parse(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, out Span? span)
    {
        span = null;
        if (!reader.Read())
        {
            return Outcome.NeedsBytes;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Fail("", "A span must be a JSON object.");
        }

        var values = default(SpanValues);
        var seen = 0;
        _attributes.Reset();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return Finish(utf8, seen, ref values, out span);
            }

            var member = Identify(ref reader);
            var nameStart = (int)reader.TokenStartIndex;
            if (member != SpanMember.Unknown && (seen & (1 << (int)member)) != 0)
            {
                return Fail(NameOf(member), "This member is there twice.");
            }

            seen |= 1 << (int)member;
            if (!reader.Read())
            {
                return Outcome.NeedsBytes;
            }

            switch (ReadValue(ref reader, member, nameStart, ref values))
            {
                case Outcome.Read:
                    continue;
                case Outcome.NeedsBytes:
                    return Outcome.NeedsBytes;
                default:
                    return Outcome.Invalid;
            }
        }

        return Outcome.NeedsBytes;
    }

    private Outcome ReadValue(ref Utf8JsonReader reader, SpanMember member, int nameStart, ref SpanValues values)
    {
        switch (member)
        {
            case SpanMember.SpanId:
                return ReadText(ref reader, member, cached: false, out values.SpanId);
            case SpanMember.ParentId:
                return ReadOptionalText(ref reader, member, cached: false, out values.ParentId);
            case SpanMember.Tool:
                return ReadText(ref reader, member, cached: true, out values.Tool);
            case SpanMember.IncidentId:
                var outcome = ReadOptionalText(ref reader, member, cached: true, out values.IncidentId);
                values.IncidentId = values.IncidentId is { Length: 36 } id && Guid.TryParseExact(id, "D", out var guid) ? Same(id, guid) : values.IncidentId;
                return outcome;
            case SpanMember.StartTs:
                return ReadTimestamp(ref reader, member, out values.StartTs);
            case SpanMember.EndTs:
                return ReadTimestamp(ref reader, member, out values.EndTs);
            case SpanMember.ArgsDigest:
                return ReadDigest(ref reader, member, out values.ArgsDigest);
            case SpanMember.ResultDigest:
                return ReadDigest(ref reader, member, out values.ResultDigest);
            case SpanMember.Attributes:
                return reader.TokenType switch
                {
                    JsonTokenType.Null => Outcome.Read,
                    JsonTokenType.StartObject => _attributes.TakeAttributes(ref reader) ? Outcome.Read : Outcome.NeedsBytes,
                    _ => Fail(NameOf(member), "It must be a JSON object."),
                };
            default:
                return _attributes.TakeUnknown(ref reader, nameStart) ? Outcome.Read : Outcome.NeedsBytes;
        }
    }

    private Outcome Finish(ReadOnlySpan<byte> utf8, int seen, ref SpanValues values, out Span? span)
    {
        span = null;
        if ((seen & Required) != Required)
        {
            var missing = Enumerable.Range(0, (int)SpanMember.Unknown).First(member => (Required & ~seen & (1 << member)) != 0);
            return Fail(NameOf((SpanMember)missing), "This member is required.");
        }

        if (SpanIds.IsReserved(values.SpanId!))
        {
            return Fail(NameOf(SpanMember.SpanId), "Ids of this form belong to the analyses and decisions recorded here.");
        }

        if (values.IncidentId == SpanIds.AuditIncident)
        {
            return Fail(NameOf(SpanMember.IncidentId), "This stands for the records of who did what, which come from this host only.");
        }

        if (_attributes.Assemble(utf8, out var attributes) is { } problem)
        {
            Problem = problem;
            return Outcome.Invalid;
        }

        span = new Span
        {
            SpanId = values.SpanId!,
            ParentId = values.ParentId,
            // What this library writes itself cannot come from outside.
            Tool = ToolNames.FromElsewhere(values.Tool!),
            StartTs = values.StartTs,
            EndTs = values.EndTs,
            ArgsDigest = values.ArgsDigest,
            ResultDigest = values.ResultDigest,
            KeptAttributes = RecordJson.OfOwn(attributes),
            IncidentId = values.IncidentId,
        };
        return Outcome.Read;
    }

    private Outcome ReadOptionalText(ref Utf8JsonReader reader, SpanMember member, bool cached, out string? text)
    {
        text = null;
        return reader.TokenType == JsonTokenType.Null ? Outcome.Read : ReadText(ref reader, member, cached, out text);
    }

    private Outcome ReadText(ref Utf8JsonReader reader, SpanMember member, bool cached, out string? text)
    {
        text = null;
        if (reader.TokenType == JsonTokenType.Number && member is (SpanMember.SpanId or SpanMember.ParentId or SpanMember.IncidentId)
            && !reader.ValueSpan.ContainsAnyExceptInRange((byte)'0', (byte)'9') && reader.ValueSpan.Length <= MaxIncidentIdBytes)
        {
            // An id that the sender counts up.
            text = Encoding.UTF8.GetString(reader.ValueSpan);
            return Outcome.Read;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return Fail(NameOf(member), "It must be a text.");
        }

        if (!TryGetText(ref reader, cached, out text))
        {
            return Fail(NameOf(member), "Text must be valid UTF-8 without U+0000 and without half of a surrogate pair.");
        }

        var limit = member == SpanMember.IncidentId ? MaxIncidentIdBytes : MaxTextBytes;
        return text.Length > 0 && (text.Length * MaxUtf8BytesPerChar <= limit || Encoding.UTF8.GetByteCount(text) <= limit)
            ? Outcome.Read
            : Fail(NameOf(member), $"It must have 1 to {limit} bytes of UTF-8.");
    }

    private bool TryGetText(ref Utf8JsonReader reader, bool cached, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!Utf8.IsValid(reader.ValueSpan))
        {
            return false;
        }

        if (!reader.ValueIsEscaped)
        {
            text = cached ? _texts.Get(reader.ValueSpan) : reader.GetString()!;
            return true;
        }

        try
        {
            text = reader.GetString()!;
            return JsonRules.FindTextProblem(text) is null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Outcome ReadTimestamp(ref Utf8JsonReader reader, SpanMember member, out long value)
    {
        value = 0;
        return (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value)) || TryGetWhole(ref reader, out value)
            ? Outcome.Read
            : Fail(NameOf(member), "It must be a whole number of seconds, milliseconds, microseconds or nanoseconds since 1970-01-01 UTC.");
    }

    // Written as a text, with a point or an exponent, it is the same number.
    private bool TryGetWhole(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        var text = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan)
            : reader.TokenType == JsonTokenType.String && TryGetText(ref reader, cached: false, out var sent) ? sent : "";
        if (!CanonicalNumber.TryReadWhole(text, out var whole) || whole < long.MinValue || whole > long.MaxValue)
        {
            return false;
        }

        value = (long)whole;
        return true;
    }

    private Outcome ReadDigest(ref Utf8JsonReader reader, SpanMember member, out string? digest)
    {
        digest = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return Outcome.Read;
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueSpan.Length == ArtifactDigest.TextLength && !reader.ValueSpan.ContainsAnyExcept(LowerHex))
            {
                digest = reader.GetString();
                return Outcome.Read;
            }

            if (TryGetText(ref reader, cached: false, out var text) && ArtifactDigest.TryParse(text, out var parsed))
            {
                digest = parsed.ToString();
                return Outcome.Read;
            }
        }

        return Fail(NameOf(member), "It must be the 64 hexadecimal digits of a SHA-256, or null.");
    }

    private Outcome Fail(string member, string message)
    {
        var problem = new JsonProblem("", message);
        Problem = member.Length == 0 ? problem : problem.Within(member);
        return Outcome.Invalid;
    }

    // Ids of incidents are compared as text, so the form is always the one the library writes.
    private static string Same(string text, Guid id) => text.AsSpan().ContainsAnyInRange('A', 'F') ? id.ToString("D") : text;

    private static SpanMember Identify(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            for (var member = SpanMember.SpanId; member < SpanMember.Unknown; member++)
            {
                if (JsonRules.TextEquals(ref reader, NameOf(member)))
                {
                    return member;
                }
            }

            return SpanMember.Unknown;
        }

        var name = reader.ValueSpan;
        return name.Length switch
        {
            4 when name.SequenceEqual("tool"u8) => SpanMember.Tool,
            6 when name.SequenceEqual("end_ts"u8) => SpanMember.EndTs,
            7 when name.SequenceEqual("span_id"u8) => SpanMember.SpanId,
            8 when name.SequenceEqual("start_ts"u8) => SpanMember.StartTs,
            9 when name.SequenceEqual("parent_id"u8) => SpanMember.ParentId,
            10 when name.SequenceEqual("attributes"u8) => SpanMember.Attributes,
            11 when name.SequenceEqual("args_digest"u8) => SpanMember.ArgsDigest,
            11 when name.SequenceEqual("incident_id"u8) => SpanMember.IncidentId,
            13 when name.SequenceEqual("result_digest"u8) => SpanMember.ResultDigest,
            _ => SpanMember.Unknown,
        };
    }

    private static string NameOf(SpanMember member) => member switch
    {
        SpanMember.SpanId => "span_id",
        SpanMember.ParentId => "parent_id",
        SpanMember.Tool => "tool",
        SpanMember.StartTs => "start_ts",
        SpanMember.EndTs => "end_ts",
        SpanMember.ArgsDigest => "args_digest",
        SpanMember.ResultDigest => "result_digest",
        SpanMember.Attributes => "attributes",
        SpanMember.IncidentId => "incident_id",
        _ => "",
    };

    private struct SpanValues
    {
        public string? SpanId;
        public string? ParentId;
        public string? Tool;
        public long StartTs;
        public long EndTs;
        public string? ArgsDigest;
        public string? ResultDigest;
        public string? IncidentId;
    }
}
