using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Replay;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Tests.Recording;

public sealed class AgentRecorderTests
{
    [Fact]
    public async Task Each_call_is_a_span_of_its_incident_under_the_run_with_its_content_as_artifacts()
    {
        var recorded = await RecordedIncident.CreateAsync();

        var answer = await new ShippingAgent().RunAsync(Recorder(recorded), recorded.Incident.Id, new QuotingModel());

        var spans = await ListAsync(recorded);
        Assert.Equal(
            ["agent.run/shipping", "llm.call/small-1", "tool.call/quote", "llm.call/small-1", "tool.call/book", "tool.call/book"],
            spans.OrderBy(Sequence).Select(span => span.Tool));
        var run = spans.Single(span => span.ParentId is null);
        Assert.Equal("agent.run/shipping", run.Tool);
        Assert.All(spans.Except([run]), span => Assert.Equal(run.SpanId, span.ParentId));
        Assert.Equal(answer, await ReadAsync(recorded, run.ResultDigest));
        Assert.Equal("""{"order":7}""", await ReadAsync(recorded, run.ArgsDigest));
        Assert.Equal("\"north: 12.50\"", await ReadAsync(recorded, spans.Single(span => span.Tool == "tool.call/quote").ResultDigest));
        var chat = spans.Where(span => span.Tool == "llm.call/small-1").OrderBy(Sequence).First();
        Assert.Contains("\"name\":\"quote\"", await ReadAsync(recorded, chat.ArgsDigest), StringComparison.Ordinal);
        Assert.Equal(
            ("chat", "script", "small-1", "small-1-2026", 10, 5),
            (Text(chat, "gen_ai.operation.name"), Text(chat, "gen_ai.provider.name"), Text(chat, "gen_ai.request.model"), Text(chat, "gen_ai.response.model"),
                chat.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32(), chat.Attributes.GetProperty("gen_ai.usage.output_tokens").GetInt32()));
        var failed = spans.Single(span => SpanFailure.Read(span.Attributes) is not null);
        Assert.Equal(("tool.call/book", "System.TimeoutException"), (failed.Tool, SpanFailure.Read(failed.Attributes)!.Type));
    }

    [Fact]
    public async Task A_stream_is_handed_on_as_it_comes_and_recorded_whole()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        using var client = recorder.Wrap(new QuotingModel());
        await using (recorder.StartRun("reader", recorded.Incident.Id))
        {
            var updates = await client.GetStreamingResponseAsync("hello").ToListAsync();
            Assert.NotEmpty(updates);
            await foreach (var update in client.GetStreamingResponseAsync("bye"))
            {
                Assert.NotNull(update);
                break;
            }
        }

        var calls = (await ListAsync(recorded)).Where(span => span.Tool == "llm.call/small-1").OrderBy(Sequence).ToList();
        Assert.Contains("\"complete\":true", await ReadAsync(recorded, calls[0].ResultDigest), StringComparison.Ordinal);
        Assert.Contains("\"complete\":false", await ReadAsync(recorded, calls[1].ResultDigest), StringComparison.Ordinal);
        Assert.Equal(5, calls[0].Attributes.GetProperty("gen_ai.usage.output_tokens").GetInt32());
    }

    [Fact]
    public async Task A_call_within_a_call_has_it_as_its_parent_and_one_after_it_has_not()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        var inner = recorder.Wrap(AIFunctionFactory.Create(() => 1, "inner"));
        var outer = recorder.Wrap(AIFunctionFactory.Create(async () => await inner.InvokeAsync(), "outer"));
        await using (recorder.StartRun("nested", recorded.Incident.Id))
        {
            await Task.WhenAll(outer.InvokeAsync().AsTask(), outer.InvokeAsync().AsTask());
            await inner.InvokeAsync();
        }

        var spans = await ListAsync(recorded);
        var outers = spans.Where(span => span.Tool == "tool.call/outer").Select(span => span.SpanId).ToHashSet();
        var inners = spans.Where(span => span.Tool == "tool.call/inner").ToList();
        Assert.Equal((2, 3), (outers.Count, inners.Count));
        Assert.Equal(2, inners.Select(span => span.ParentId!).Intersect(outers).Count());
    }

    [Fact]
    public async Task Without_a_run_a_sampled_activity_is_the_parent_and_names_the_incident()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var function = Recorder(recorded).Wrap(AIFunctionFactory.Create(() => 1, "one"));
        using var activity = new Activity("order");
        activity.SetIdFormat(ActivityIdFormat.W3C);
        activity.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        activity.SetTag("agentops.incident.id", recorded.IncidentId);
        activity.Start();

        await function.InvokeAsync();

        var span = Assert.Single(await ListAsync(recorded));
        Assert.Equal($"{activity.TraceId}:{activity.SpanId}", span.ParentId);
        Assert.StartsWith($"{activity.TraceId}:", span.SpanId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happens_below_a_function_names_its_call_as_the_parent()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        string? parent = null;
        var function = recorder.Wrap(AIFunctionFactory.Create(
            async () =>
            {
                await Task.Yield();
                using var below = new Activity("GET").SetIdFormat(ActivityIdFormat.W3C).Start();
                parent = $"{below.TraceId}:{below.ParentSpanId}";
                return 1;
            },
            "fetch"));
        string run;
        await using (var started = recorder.StartRun("a", recorded.Incident.Id))
        {
            run = started.SpanId;
            await function.InvokeAsync();
            Assert.Null(Activity.Current);
        }

        var call = Assert.Single(await ListAsync(recorded), span => span.Tool == "tool.call/fetch");
        Assert.Equal((call.SpanId, run), (parent, call.ParentId));
    }

    [Fact]
    public async Task A_recorded_activity_within_a_run_is_the_parent_and_another_one_is_not()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        var function = recorder.Wrap(AIFunctionFactory.Create(() => 1, "one"));
        string run;
        await using (var started = recorder.StartRun("a", recorded.Incident.Id))
        {
            run = started.SpanId;
            using var source = new ActivitySource($"Steps.{run}");
            using var other = new ActivityListener
            {
                ShouldListenTo = candidate => candidate == source,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(other);
            using var activity = source.StartActivity("step")!;
            await function.InvokeAsync();
            using (new ActivityQueue(new ActivityRecorderOptions { Sources = { source.Name } }, () => null))
            {
                await function.InvokeAsync();
            }

            await function.InvokeAsync();

            Assert.Equal(
                [run, CallPlace.IdOf(activity), run],
                (await ListAsync(recorded)).OrderBy(Sequence).Select(span => span.ParentId));
        }
    }

    // A recorder of all sources hears a call's own activity begin, whose span the recorder of calls writes.
    [Fact]
    public async Task A_calls_own_activity_stays_covered_when_it_begins_within_another_call()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        await using (recorder.StartRun("a", recorded.Incident.Id))
        {
            using var own = new Activity("own").SetIdFormat(ActivityIdFormat.W3C);
            RecordedActivity.MarkOwn(own);
            RecordedActivity.MarkPlace(own, recorder.Place);

            Assert.True(RecordedActivity.IsCovered(own));
        }
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_made_all_the_same_and_counted()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = Recorder(recorded);
        var function = recorder.Wrap(AIFunctionFactory.Create((object any) => "fine", "any"));

        var result = await function.InvokeAsync(new AIFunctionArguments { ["any"] = new Action(() => { }) });

        Assert.Equal("fine", ((JsonElement)result!).GetString());
        Assert.Equal(1, recorder.Failures);
    }

    internal static AgentRecorder Recorder(RecordedIncident recorded) =>
        new(new SpanIntake(recorded.Spans), recorded.Vault, recorded.Time, NullLogger<AgentRecorder>.Instance);

    private static long Sequence(Span span) => span.Attributes.GetProperty("agentops.recording.sequence").GetInt64();

    private static string? Text(Span span, string name) => span.Attributes.GetProperty(name).GetString();

    private static async Task<List<Span>> ListAsync(RecordedIncident recorded) =>
        await recorded.Spans.ListAsync(new SpanQuery { IncidentId = recorded.IncidentId }).ToListAsync();

    private static async Task<string> ReadAsync(RecordedIncident recorded, string? digest)
    {
        var read = await recorded.Vault.ReadAllVerifiedAsync(ArtifactDigest.Parse(digest!), 1_000_000);
        Assert.True(read.IsIntact);
        return Encoding.UTF8.GetString(read.Content.Span);
    }
}
