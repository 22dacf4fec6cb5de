using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Analysis;

/// <summary>Whoever reads an analysis as a stream of events may go away; nobody works, or pays for a model, for nobody.</summary>
public sealed class EventStreamHangUpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_reader_who_goes_away_stops_the_engine_and_nothing_is_stored()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new ScriptedEngine
        {
            Work = async token =>
            {
                await using var registration = token.Register(() => stopped.TrySetResult());
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        await using var host = await RcaHost.StartAsync(engine: engine);
        var incident = await AddIncidentAsync(host);

        await ReadUntilAsync(host, $$"""{"incident_id":"{{incident}}"}""", RcaStages.Evidence);

        await stopped.Task.WaitAsync(Patience);
        Assert.Equal("[]", await host.Client.GetStringAsync($"/incidents/{incident}/reports"));
    }

    [Fact]
    public async Task A_reader_who_goes_away_during_the_model_call_ends_that_call_and_no_other_is_made()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var model = ScriptedGroqServer.Start();
        model.Respond = _ => ScriptedGroqReply.Stall(clientGone: gone);
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<GroqOptions>(groq =>
        {
            groq.ApiKey = "gsk_test0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";
            groq.Endpoint = model.Endpoint;
            groq.Models = ["openai/gpt-oss-120b"];
        }));
        var incident = await AddIncidentAsync(host);

        await ReadUntilAsync(host, $$"""{"incident_id":"{{incident}}","engine":"llm"}""", RcaStages.ModelCall, async () =>
        {
            while (model.Requests.Count == 0)
            {
                Assert.False(gone.Task.IsCompleted);
                await Task.Delay(10);
            }
        });

        await gone.Task.WaitAsync(Patience);
        Assert.Equal("[]", await host.Client.GetStringAsync($"/incidents/{incident}/reports"));
        Assert.Single(model.Requests);
    }

    private static async Task<Guid> AddIncidentAsync(RcaHost host)
    {
        var incident = Samples.Incident(1);
        var id = incident.Id.ToString("D");
        await host.Services.GetRequiredService<IIncidentStore>().AddAsync(incident);
        await host.Services.GetRequiredService<ISpanStore>().AddAsync(
        [
            Samples.Span("run", 1_000, "agent.run/orders", id),
            Samples.Span("quote", 1_001, "tool.call/carrier.quote", id, """{"status":"error","http.response.status_code":503}""") with { ParentId = "run" },
        ]);
        return incident.Id;
    }

    // Reads events up to one of this name, then closes the connection.
    private static async Task ReadUntilAsync(RcaHost host, string body, string name, Func<Task>? meanwhile = null)
    {
        using var client = host.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/rca/analyze") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        string? line;
        do
        {
            line = await events.ReadLineAsync();
            Assert.True(line is not null and not ("event: report" or "event: error"), $"The stream ended before the event {name}: {line}");
        }
        while (line != $"event: {name}");

        await (meanwhile?.Invoke() ?? Task.CompletedTask).WaitAsync(Patience);
    }
}
