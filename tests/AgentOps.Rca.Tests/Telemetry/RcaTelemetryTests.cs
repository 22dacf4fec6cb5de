using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentOps.Rca.Telemetry;
using AgentOps.Rca.Testing.Groq;
using AgentOps.Rca.Tests.Analysis.LanguageModel;

namespace AgentOps.Rca.Tests.Telemetry;

public sealed class RcaTelemetryTests
{
    [Fact]
    public async Task An_analysis_and_its_model_call_are_measured_under_the_names_of_the_semantic_conventions()
    {
        await using var host = new LlmHost();
        using var seen = new Listener(host.Get<IMeterFactory>());
        host.Server.Enqueue(ScriptedGroqReply.Completion(LlmHost.Answer("The carrier quote tool failed.")));

        await host.AnalyzeAsync();

        var tokens = seen.Measurements.Where(measure => measure.Name == RcaTelemetry.TokenUsage).ToDictionary(measure => measure.Tags["gen_ai.token.type"]!);
        Assert.Equal((100, 20), (tokens["input"].Value, tokens["output"].Value));
        Assert.Equal(("groq", "chat", "openai/gpt-oss-120b", "openai/gpt-oss-120b"), (
            tokens["input"].Tags["gen_ai.provider.name"], tokens["input"].Tags["gen_ai.operation.name"],
            tokens["input"].Tags["gen_ai.request.model"], tokens["input"].Tags["gen_ai.response.model"]));
        Assert.Single(seen.Measurements, measure => measure.Name == RcaTelemetry.OperationDuration);
        var analysis = Assert.Single(seen.Measurements, measure => measure.Name == RcaTelemetry.AnalysisDuration);
        Assert.Equal(("llm", "identified"), (analysis.Tags["agentops.rca.engine"], analysis.Tags["agentops.rca.verdict"]));
    }

    [Fact]
    public async Task The_model_call_is_a_child_of_the_analysis_in_the_trace_and_no_words_are_in_either()
    {
        await using var host = new LlmHost();
        using var seen = new Listener(host.Get<IMeterFactory>());
        host.Server.Enqueue(ScriptedGroqReply.Completion(LlmHost.Answer("The carrier quote tool failed.")));
        using var root = new Activity("test").Start();

        await host.AnalyzeAsync("a telling note");

        var own = seen.Activities.Where(activity => activity.TraceId == root.TraceId).ToList();
        var analysis = Assert.Single(own, activity => activity.OperationName == "rca.analyze llm");
        var call = Assert.Single(own, activity => activity.OperationName == "chat openai/gpt-oss-120b");
        Assert.Equal(analysis.SpanId, call.ParentSpanId);
        Assert.Equal(ActivityKind.Client, call.Kind);
        Assert.Equal(100L, call.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.DoesNotContain(own.SelectMany(activity => activity.TagObjects), tag => tag.Value?.ToString()?.Contains("telling note", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_failed_call_is_measured_by_its_class_and_unknown_usage_is_not_counted()
    {
        await using var host = new LlmHost();
        using var seen = new Listener(host.Get<IMeterFactory>());
        host.Server.Respond = _ => ScriptedGroqReply.Error(401, null, "no");

        await host.AnalyzeAsync();

        var call = Assert.Single(seen.Measurements, measure => measure.Name == RcaTelemetry.OperationDuration);
        Assert.Equal("AgentOps.Rca.Groq.GroqException", call.Tags["error.type"]);
        Assert.DoesNotContain(seen.Measurements, measure => measure.Name == RcaTelemetry.TokenUsage);
    }

    [Fact]
    public async Task Nobody_listening_changes_nothing()
    {
        await using var host = new LlmHost();
        host.Server.Enqueue(ScriptedGroqReply.Completion(LlmHost.Answer("The carrier quote tool failed.")));

        Assert.Equal(1, (await host.AnalyzeAsync()).GroundedClaimRate);
    }

    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _meters = new();
        private readonly ActivityListener _activities;

        public Listener(IMeterFactory meters)
        {
            // Other tests run beside this one; only the meter of this host is of interest.
            var own = meters.Create(RcaTelemetry.Name);
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, own))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _meters.Start();
            _activities = new ActivityListener
            {
                ShouldListenTo = source => source.Name == RcaTelemetry.Name,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => Activities.Add(activity),
            };
            ActivitySource.AddActivityListener(_activities);
        }

        public ConcurrentBag<(string Name, double Value, Dictionary<string, string?> Tags)> Measurements { get; } = [];

        public ConcurrentBag<Activity> Activities { get; } = [];

        public void Dispose()
        {
            _meters.Dispose();
            _activities.Dispose();
        }

        private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var known = new Dictionary<string, string?>();
            foreach (var (key, tag) in tags)
            {
                known[key] = tag?.ToString();
            }

            Measurements.Add((name, value, known));
        }
    }
}
