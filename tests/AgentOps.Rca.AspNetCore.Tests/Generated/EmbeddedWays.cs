using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Spans.Ingest;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>The ways in that need no HTTP: the readers of bodies, the recorder of calls, that of activities, and a call from code.</summary>
internal sealed class EmbeddedWays(IServiceProvider services)
{
    /// <summary>How often each call is sent: as JSON, as a line of JSON, as OTLP in JSON and in protobuf, as an activity, as the call of a function and as that of a
    /// model, as a log record, and as an object.</summary>
    public const int Count = 9;

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 200 };

    private readonly ISpanIntake _spans = services.GetRequiredService<ISpanIntake>();
    private readonly AgentRecorder _recorder = services.GetRequiredService<AgentRecorder>();
    private readonly OtlpIntake _otlp = services.GetRequiredService<OtlpIntake>();

    /// <summary>The JSON of a value, as code would have it.</summary>
    public static JsonElement Element(GeneratedValue value) => JsonElement.Parse(value.Json, Deep);

    /// <summary>Each span by itself as JSON, since what is wrong in one ends the reading of a body; then those that were taken, as lines.</summary>
    public async Task<long> SendJsonAsync(GeneratedCase one, string id, int number)
    {
        List<string> good = [];
        foreach (var (place, span) in one.Spans.Index())
        {
            var json = span.Json(place, number, id);
            if (await IngestAsync($"[{json}]") is { Accepted: 1 })
            {
                good.Add(json);
            }
        }

        if (good.Count > 0)
        {
            var lines = await IngestAsync(string.Join('\n', good));
            Assert.Equal(good.Count, lines.Duplicates);
        }

        return good.Count;
    }

    /// <summary>The same spans by JSON and by protobuf: what is new by the first is known by the second.</summary>
    public async Task<long> SendOtlpAsync(GeneratedCase one, string id, int number)
    {
        var first = await _otlp.TakeTracesAsync(GeneratedOtlp.Json(one.Spans, id, number), OtlpEncoding.Json);
        var second = await _otlp.TakeTracesAsync(GeneratedOtlp.Protobuf(one.Spans, id, number), OtlpEncoding.Protobuf);
        Assert.Null(first.Malformed);
        Assert.Null(second.Malformed);
        Assert.Equal((one.Spans.Length, 0L, first.Added), (first.Added + first.Rejected, first.Duplicates, second.Duplicates));
        Assert.Equal(first.Rejected, second.Rejected);
        return first.Added;
    }

    /// <summary>As log records of the spans that were sent by OTLP; the same again are known.</summary>
    public async Task<long> SendLogsAsync(GeneratedCase one, string id, int number)
    {
        var body = GeneratedOtlp.LogsJson(one.Spans, id, number);
        var first = await _otlp.TakeLogsAsync(body, OtlpEncoding.Json);
        var second = await _otlp.TakeLogsAsync(body, OtlpEncoding.Json);
        Assert.Null(first.Malformed);
        Assert.Equal(one.Spans.Length, first.Added + first.Duplicates + first.Rejected);
        Assert.Equal((0L, first.Added + first.Duplicates, first.Rejected), (second.Added, second.Duplicates, second.Rejected));
        return first.Added;
    }

    /// <summary>As activities of this process.</summary>
    public async Task<long> RecordActivitiesAsync(GeneratedCase one, string id, int number)
    {
        using var source = new ActivitySource($"generated-{Guid.NewGuid():N}");
        var options = new ActivityRecorderOptions { ServiceName = "generated" };
        options.Sources.Add(source.Name);
        using var recorder = new ActivityRecorder(_otlp, Options.Create(options), TimeProvider.System, NullLogger<ActivityRecorder>.Instance);
        var trace = ActivityTraceId.CreateFromString($"{number:x8}{number:x24}".AsSpan());
        foreach (var span in one.Spans)
        {
            using var activity = source.StartActivity(
                span.Tool, ActivityKind.Internal, new ActivityContext(trace, ActivitySpanId.CreateFromString("00000000000000ff"), ActivityTraceFlags.Recorded));
            Assert.NotNull(activity);
            activity.SetTag("agentops.incident.id", id).SetStartTime(Time(span.Start)).SetEndTime(Time(span.End));
            foreach (var (name, value) in span.Attributes)
            {
                var tag = GeneratedObject.Of(Element(value));
                activity.SetTag(name, tag);
                activity.AddEvent(new ActivityEvent(name, Time(span.End), new ActivityTagsCollection([new(name, tag)])));
            }
        }

        await recorder.StopAsync(CancellationToken.None);
        Assert.Equal(one.Spans.Length, recorder.Recorded + recorder.Dropped);
        return recorder.Recorded;
    }

    /// <summary>As a run of an agent that asks a model and calls functions.</summary>
    public async Task<long> RecordCallsAsync(GeneratedCase one, string id)
    {
        var failures = _recorder.Failures;
        var calls = 1;
        await using (var run = _recorder.StartRun("a", Guid.Parse(id), Element(one.Details)))
        {
            foreach (var span in one.Spans)
            {
                var function = _recorder.Wrap(new GeneratedFunction(span));
                var arguments = new AIFunctionArguments(span.Attributes.ToDictionary(pair => pair.Name, pair => (object?)Element(pair.Value)));
                calls++;
                try
                {
                    await function.InvokeAsync(arguments);
                }
                catch (InvalidOperationException)
                {
                    // The function's own failure.
                }

                using var client = _recorder.Wrap(new GeneratedModel(span));
                calls++;
                await client.GetResponseAsync([new ChatMessage(ChatRole.User, span.Tool)], new ChatOptions { ModelId = span.Tool });
            }

            run.SetResult(Element(one.Details));
        }

        return calls - (_recorder.Failures - failures);
    }

    /// <summary>As objects, handed to the intake.</summary>
    public async Task<long> AddAsync(GeneratedCase one, string id, int number)
    {
        var taken = 0;
        foreach (var (place, span) in one.Spans.Index())
        {
            try
            {
                var result = await _spans.AddAsync(
                [
                    new Span
                    {
                        SpanId = $"code-{number}-{place}",
                        ParentId = $"code-{number}-{span.Parent}",
                        Tool = span.Tool,
                        StartTs = span.Start,
                        EndTs = span.End,
                        IncidentId = id,
                        Attributes = Element(GeneratedValue.MapOf(span.Attributes)),
                    },
                ]);
                taken += result.Added;
            }
            catch (ArgumentException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }

        return taken;
    }

    private async Task<SpanIngest> IngestAsync(string body)
    {
        var ingest = new SpanIngest(_spans, services.GetRequiredService<IArtifactStore>());
        var problem = await ingest.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(problem is null, ingest.Accepted + ingest.Duplicates > 0);
        return ingest;
    }

    // Most of them are milliseconds of these years; the others are any time that a clock can say.
    private static DateTime Time(long value) => value is > 0 and < 100_000_000_000_000
        ? DateTime.UnixEpoch.AddMilliseconds(value)
        : new((long)((ulong)value % (ulong)DateTime.MaxValue.Ticks), DateTimeKind.Utc);
}
