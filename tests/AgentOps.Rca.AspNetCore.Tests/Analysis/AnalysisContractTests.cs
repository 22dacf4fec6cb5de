using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Analysis;

public sealed class InMemoryAnalysisContractTests(InMemoryStoreBackend backend) : AnalysisContractTests<InMemoryStoreBackend>(backend);

public abstract class AnalysisContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task A_report_is_given_whole_and_its_digest_is_that_of_its_stored_bytes()
    {
        var id = await CreateIncidentAsync();

        var report = await AnalyzeAsync(id);

        Assert.Equal(id, report.GetProperty("incident_id").GetGuid());
        Assert.Equal("identified", report.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("cost_usd").ValueKind);
        var digest = report.GetProperty("report_digest").GetString()!;
        var stored = await Client.GetByteArrayAsync($"/artifacts/{digest}/content");
        Assert.Equal(digest, ArtifactDigest.Of(stored).ToString());
        Assert.EndsWith(System.Text.Encoding.UTF8.GetString(stored)[1..], report.GetRawText(), StringComparison.Ordinal);
        var latest = (await GetJsonAsync($"/incidents/{id}")).GetProperty("latest_report");
        Assert.Equal(digest, latest.GetProperty("report_digest").GetString());
        Assert.Equal("identified", latest.GetProperty("verdict").GetString());
        Assert.Equal("The carrier was slow.", latest.GetProperty("summary").GetString());
    }

    [Fact]
    public async Task Reports_are_listed_newest_first()
    {
        var id = await CreateIncidentAsync();
        var first = await AnalyzeAsync(id);
        await Task.Delay(TimeSpan.FromMilliseconds(5));
        var second = await AnalyzeAsync(id);

        var reports = await GetJsonAsync($"/incidents/{id}/reports");

        Assert.Equal([second.GetRawText(), first.GetRawText()], reports.EnumerateArray().Select(report => report.GetRawText()));
        Assert.Equal("[]", (await GetJsonAsync($"/incidents/{await CreateIncidentAsync()}/reports")).GetRawText());
    }

    [Fact]
    public async Task As_an_event_stream_the_steps_come_while_the_engine_works_and_the_report_last()
    {
        var id = await CreateIncidentAsync();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Engine.Work = _ => goOn.Task;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/rca/analyze")
        {
            Content = new StringContent($$"""{"incident_id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var before = new List<string>();
        while (!before.Any(line => line.Contains("\"evidence\"", StringComparison.Ordinal)))
        {
            before.Add((await reader.ReadLineAsync())!);
        }

        Assert.DoesNotContain("event: report", before);
        goOn.SetResult();
        var rest = await reader.ReadToEndAsync();
        Assert.Contains("event: report\ndata: {\"report_digest\":\"", rest, StringComparison.Ordinal);
        Assert.Equal(2, rest.Split("event: report\n").Length);
        Assert.EndsWith("}\n\n", rest, StringComparison.Ordinal);
        Assert.Equal("event: case_loaded", before[0]);
        Assert.StartsWith("data: {\"stage\":\"case_loaded\",", before[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_stream_begins_while_a_large_case_is_still_being_loaded()
    {
        using var history = new StuckHistory();
        await using var host = await RcaHost.StartAsync(engine: Engine, services: services => services.AddSingleton<IRcaHistory>(history));
        using var made = await host.Client.PostAsync(
            "/incidents", new StringContent("""{"order_id":"A","problem_type":"late"}""", System.Text.Encoding.UTF8, "application/json"));
        var id = (await ReadAsync(made, 201)).GetProperty("id").GetGuid();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/rca/analyze")
        {
            Content = new StringContent($$"""{"incident_id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");

        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        history.Release();

        Assert.Contains("event: report\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_in_the_middle_of_an_event_stream_is_an_error_event()
    {
        var id = await CreateIncidentAsync();
        Engine.Work = _ => throw new StoreUnavailableException("The database does not answer.");
        using var response = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{id}}"}""", ("Accept", "text/event-stream"));

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("event: error\ndata: {\"type\":\"urn:agentops-rca:problem:store-unavailable\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("event: report", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_throws_in_the_middle_of_an_event_stream_is_an_error_event_without_its_words()
    {
        var id = await CreateIncidentAsync();
        Engine.Work = _ => throw new InvalidOperationException("The engine knows the password hunter2.");
        using var response = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{id}}"}""", ("Accept", "text/event-stream"));

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("event: error\ndata: {\"type\":\"urn:agentops-rca:problem:analysis-failed\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_to_compare_with_that_does_not_exist_is_named_by_its_place()
    {
        var id = await CreateIncidentAsync();
        var known = await CreateIncidentAsync();
        using var response = await PostJsonAsync(
            "/rca/analyze", $$$"""{"incident_id":"{{{id}}}","reference":{"incident_ids":["{{{known}}}","6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4aff"]}}""");

        await ReadProblemAsync(response, 422, "invalid", "/reference/incident_ids/1");
    }

    [Fact]
    public async Task An_engine_that_lacks_something_is_503_and_says_what()
    {
        var id = await CreateIncidentAsync();
        Engine.Unavailable = "GROQ_API_KEY is not set.";
        using var response = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","engine":"scripted"}""");

        var problem = await ReadProblemAsync(response, 503, "engine-unavailable", "/engine");
        Assert.Contains("GROQ_API_KEY", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_stops_the_analysis()
    {
        var id = await CreateIncidentAsync();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hangUp = new CancellationTokenSource();
        Engine.Work = async token =>
        {
            await hangUp.CancelAsync();
            await using var registration = token.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.PostAsync(
            "/rca/analyze", new StringContent($$"""{"incident_id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json"), hangUp.Token));

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private sealed class StuckHistory : IRcaHistory, IDisposable
    {
        private readonly SemaphoreSlim _gate = new(0);

        public void Release() => _gate.Release();

        public async ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(
            Guid incidentId, IEnumerable<string> tools, DateTimeOffset now, CancellationToken cancellationToken = default)
        {
            await _gate.WaitAsync(cancellationToken);
            return [];
        }

        public void Dispose() => _gate.Dispose();
    }
}
