using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

/// <summary>Records for tests, with a sensible value in every member that the test does not care about.</summary>
public static class Samples
{
    /// <summary>The instant that samples are made at.</summary>
    public static DateTimeOffset Instant { get; } = new(2026, 3, 14, 15, 9, 26, 535, 897, TimeSpan.Zero);

    /// <summary>JSON that is hard to keep: every value here must come back with the same canonical form.</summary>
    public static TheoryData<string> HardJson { get; } =
    [
        "{}",
        """{"":""}""",
        """{"nested":{"a":[1,[2,[3,{"b":[]}]],{}],"c":null,"d":true,"e":false}}""",
        """{"unicode":"ÅÄÖ ß Ω 漢字 \u2028 \u007f","emoji":"🧯👩‍👩‍👧‍👦","private":"\uE000"}""",
        """{"🧯":1,"é":2,"\uE000":3,"a b":4,"$":5,"?":6}""",
        """{"escapes":"\"\\\/\b\f\n\r\t\u001f"}""",
        """{"numbers":[0,-0,0.1,-0.5,1e21,1e-7,5e-324,1.7976931348623157e308,9007199254740992,-9007199254740992,1.0,1E2]}""",
        """{"sql":"'; DROP TABLE spans; --","like":"100%_\\"}""",
        "{\n  \"white\" : [ 1 ,\t2 ] ,\r\n  \"space\" : { }\n}",
    ];

    /// <summary>Text that a careless store would mangle, take for SQL, or take for a pattern.</summary>
    public static TheoryData<string> HostileText { get; } =
    [
        "", " ", "  padded  ", "'", "\"", "''; DROP TABLE spans; --", "%", "_", "\\", "100%_\\", "$1", "?1", "@p", ":p", "{0}", "null", "NULL",
        "a,b", "(a)", "a.b", "a:b/c?d#e&f=g", "line\nbreak\r\n\ttab", "\u0001\u001f\u007f", "ÅÄÖ", "e\u0301", "\u00e9", "漢字", "🧯", "\uE000",
        "\u202Egnp.exe", "0", "01", "1e3", "true",
    ];

    /// <summary>A span.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="startTs">When it started; it ends ten later.</param>
    /// <param name="tool">What was called.</param>
    /// <param name="incidentId">The incident it belongs to.</param>
    /// <param name="attributes">Its attributes as JSON text.</param>
    public static Span Span(
        string id, long startTs = 1_000, string tool = "tool.call/search", string? incidentId = null, string attributes = """{"status":"ok"}""") =>
        new() { SpanId = id, Tool = tool, StartTs = startTs, EndTs = startTs + 10, IncidentId = incidentId, Attributes = Json(attributes) };

    /// <summary>An incident.</summary>
    /// <param name="number">What its id, and unless given its order, are made of.</param>
    /// <param name="createdTs">When it was opened.</param>
    /// <param name="orderId">Its order.</param>
    /// <param name="problemType">Its class of problem.</param>
    /// <param name="status">Its status.</param>
    /// <param name="details">Its details as JSON text.</param>
    public static Incident Incident(
        int number,
        DateTimeOffset? createdTs = null,
        string? orderId = null,
        string problemType = "late_delivery",
        string status = IncidentStatus.Open,
        string details = """{"carrier":"north"}""") => new()
        {
            Id = Id(number),
            OrderId = orderId ?? string.Create(CultureInfo.InvariantCulture, $"order-{number}"),
            ProblemType = problemType,
            Status = status,
            EtaDeltaHours = 4.5,
            CreatedTs = createdTs ?? Instant,
            Details = Json(details),
        };

    /// <summary>The row of an artifact whose content is the number.</summary>
    /// <param name="number">What its digest is made of.</param>
    public static Artifact Artifact(int number)
    {
        var content = BitConverter.GetBytes(number);
        return new Artifact
        {
            Digest = ArtifactDigest.Of(content),
            Length = content.Length,
            Mime = "application/octet-stream",
            CreatedTs = Instant,
        };
    }

    /// <summary>An id; for numbers from 0 on, its text sorts by the number.</summary>
    /// <param name="number">Any number.</param>
    public static Guid Id(int number) => new(number, 0x1234, 0x7abc, 0x8d, 0xef, 1, 2, 3, 4, 5, 6);

    /// <summary>A JSON value.</summary>
    /// <param name="text">Its text.</param>
    public static JsonElement Json(string text) => JsonElement.Parse(text);

    /// <summary>A JSON object of as many levels.</summary>
    /// <param name="levels">How many objects and lists stand in each other, itself included.</param>
    public static JsonElement Deep(int levels) => JsonElement.Parse(
        $"{{\"d\":{new string('[', levels - 1)}{new string(']', levels - 1)}}}", new JsonDocumentOptions { MaxDepth = levels });

    /// <summary>Fails unless both have the same canonical form.</summary>
    /// <param name="expected">What was stored.</param>
    /// <param name="actual">What came back.</param>
    public static void AssertSameJson(JsonElement expected, JsonElement actual) => Assert.Equal(
        Encoding.UTF8.GetString(CanonicalJson.ToUtf8(expected)), Encoding.UTF8.GetString(CanonicalJson.ToUtf8(actual)));
}
