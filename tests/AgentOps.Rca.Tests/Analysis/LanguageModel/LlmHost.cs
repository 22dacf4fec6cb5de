using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>The library as a host registers it, on stores in memory, with a scripted Groq and a known trace engine.</summary>
internal sealed class LlmHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public LlmHost(Action<IAgentOpsRcaBuilder>? configure = null, FixedTraceEngine? trace = null, bool useFixedTrace = true)
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(new Groq.QuickTimeProvider());
        var builder = services.AddAgentOpsRca(options => options.GroqApiKey = Groq.GroqHost.Key).UseInMemory().UseGroq(groq =>
        {
            groq.Endpoint = Server.Endpoint;
            groq.Models = ["openai/gpt-oss-120b"];
        });
        if (useFixedTrace)
        {
            services.AddSingleton<IRcaEngine>(trace ?? new FixedTraceEngine());
        }

        configure?.Invoke(builder);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public ScriptedGroqServer Server { get; } = ScriptedGroqServer.Start();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Stores the case whose artifact holds this note, analyses it, and gives the report.</summary>
    public async Task<RcaReport> AnalyzeAsync(
        string note = "Quota exhausted for today.", string details = "{}", IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var id = await StoreAsync(note, details, cancellationToken);
        var outcome = await Get<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = id, Engine = "llm" }, progress, cancellationToken);
        return Assert.IsType<RcaOutcome.Completed>(outcome).Report;
    }

    /// <summary>Stores the case whose artifact holds this note.</summary>
    public async Task<Guid> StoreAsync(string note = "Quota exhausted for today.", string details = "{}", CancellationToken cancellationToken = default)
    {
        var (incident, spans, artifact) = FixedTraceEngine.Case(note, details);
        await Get<IIncidentStore>().AddAsync(incident, cancellationToken);
        await Get<ArtifactVault>().PutAsync(artifact, "application/json", cancellationToken: cancellationToken);
        await Get<ISpanStore>().AddAsync(spans, cancellationToken);
        return incident.Id;
    }

    public async Task<List<Span>> ModelCallsAsync()
    {
        var calls = new List<Span>();
        await foreach (var span in Get<ISpanStore>().ListAsync(new SpanQuery { Tool = ToolNames.AnalysisModelCall }))
        {
            calls.Add(span);
        }

        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>An answer with one hypothesis: the step, what it cites, and the model's own words.</summary>
    public static string Answer(
        string explanation, string id = "E1", string? quote = FixedTraceEngine.Quote, string? step = null, string? pointer = null, string more = "") =>
        $$"""
        {"verdict":"cause","hypotheses":[{"step":{{Json(step ?? id)}},"mechanism":"rate_limited","word":null,"evidence":[{{Citation(id, quote, pointer)}}],
        "explains":[],"confidence":0.8,"explanation":{{Json(explanation)}} }],"ruled_out":[],"more":[]{{more}} }
        """;

    public static string Citation(string id, string? quote, string? pointer = null) =>
        $$"""{"id":{{Json(id)}},"quote":{{Json(quote)}},"pointer":{{Json(pointer)}} }""";

    public static string Json(string? text) => JsonSerializer.Serialize(text);
}
