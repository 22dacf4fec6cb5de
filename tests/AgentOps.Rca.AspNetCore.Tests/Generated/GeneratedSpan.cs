using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CsCheck;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>A call, in the forms in which it can be sent.</summary>
internal sealed record GeneratedSpan(int Parent, string Tool, long Start, long End, (string Name, GeneratedValue Value)[] Attributes)
{
    private static readonly string[] Tools =
    [
        "agent.run/a", "tool.call/search", "tool.call/book", "tool.call/detect-delay", "llm.call/m", "otel.log", "x", "tool.call/a\nRegards,", "tool.call/🧯", new string('n', 512), "/", "tool.call/",
    ];

    private static readonly long[] Edges =
    [
        0, 1, -1, long.MinValue, long.MaxValue, 99_999_999_999, 100_000_000_000, -99_999_999_999, 99_999_999_999_999, 100_000_000_000_000, 99_999_999_999_999_999, 100_000_000_000_000_000,
        1_690_000_000, 1_690_000_000_000, 1_690_000_000_000_000, 1_690_000_000_000_000_000,
    ];

    public static Gen<GeneratedSpan> Any { get; } =
        from parent in Gen.Int[0, 6]
        from tool in GeneratedValue.Pick(Tools)
        from start in Gen.Frequency((3, Gen.Long[1_690_000_000_000, 1_690_000_900_000]), (2, GeneratedValue.Pick(Edges)), (1, Gen.Long))
        from end in Gen.Frequency((3, Gen.Long[0, 5_000].Select(length => unchecked(start + length))), (2, GeneratedValue.Pick(Edges)), (1, Gen.Long))
        from attributes in Gen.Frequency(
            (4, Gen.Select(GeneratedValue.Name, GeneratedValue.Any)), (1, GeneratedValue.Events.Select(events => ("events", events)))).Array[0, 6]
        select new GeneratedSpan(parent, tool, start, end, [.. attributes.DistinctBy(attribute => attribute.Item1)]);

    /// <summary>As the library's own JSON, on one line.</summary>
    public string Json(int place, int number, string incidentId) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"span_id\":\"{IdOf(place, number)}\",\"parent_id\":{(Parent == place ? "null" : $"\"{IdOf(Parent, number)}\"")},\"tool\":{GeneratedValue.Quote(Tool)},\"start_ts\":{Start},\"end_ts\":{End},\"incident_id\":\"{incidentId}\",\"attributes\":{GeneratedValue.MapOf(Attributes).Json}}}");

    /// <summary>As OTLP has it in JSON.</summary>
    public string OtlpJson(int place, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"traceId\":\"{TraceOf(number)}\",\"spanId\":\"{OtlpIdOf(place)}\",\"name\":{GeneratedValue.Quote(Tool)},\"startTimeUnixNano\":\"{(ulong)Start}\",\"endTimeUnixNano\":{(ulong)End},\"attributes\":[{OtlpAttributes}]}}");

    /// <summary>As a log record of that span, whose body is the first of its values.</summary>
    public string LogJson(int place, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"traceId\":\"{TraceOf(number)}\",\"spanId\":\"{OtlpIdOf(place)}\",\"timeUnixNano\":\"{(ulong)End}\",\"observedTimeUnixNano\":\"1769851800000000000\",\"severityText\":{GeneratedValue.Quote(Tool)},\"severityNumber\":{Parent * 4},\"body\":{Known.Select(attribute => attribute.Value.OtlpJson).FirstOrDefault() ?? "{}"},\"attributes\":[{OtlpAttributes}]}}");

    /// <summary>As OTLP has it in protobuf.</summary>
    public byte[] OtlpProtobuf(int place, int number)
    {
        var times = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(times, Start);
        BinaryPrimitives.WriteInt64LittleEndian(times.AsSpan(8), End);
        return
        [
            .. GeneratedBytes.Field(1, Convert.FromHexString(TraceOf(number))), .. GeneratedBytes.Field(2, Convert.FromHexString(OtlpIdOf(place))), .. GeneratedBytes.Field(5, Encoding.UTF8.GetBytes(Tool)),
            57, .. times[..8], 65, .. times[8..], .. Known.SelectMany(attribute => GeneratedBytes.Field(9, GeneratedValue.Attribute(attribute.Name, attribute.Value))),
        ];
    }

    private string OtlpAttributes => string.Join(',', Known.Select(attribute => $"{{\"key\":{GeneratedValue.Quote(attribute.Name)},\"value\":{attribute.Value.OtlpJson}}}"));

    private IEnumerable<(string Name, GeneratedValue Value)> Known => Attributes.Where(attribute => attribute.Value.OtlpJson is not null);

    private static string TraceOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x32}");

    // As OpenTelemetry has them for every other span, so that log records and times of events are looked at. Every case has its own.
    private static string IdOf(int place, int number) => place % 2 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{number}-{place}")
        : $"{TraceOf(number)}:a{OtlpIdOf(place)[1..]}";

    private static string OtlpIdOf(int place) => string.Create(CultureInfo.InvariantCulture, $"{place + 1:x16}");
}
