using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryPostmortemContractTests(InMemoryStoreBackend backend) : PostmortemContractTests<InMemoryStoreBackend>(backend);

public abstract class PostmortemContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task It_tells_the_cause_its_evidence_the_decision_the_figures_and_the_replay()
    {
        var incident = await SendRefusedOrderAsync();
        var report = await AnalyzeTraceAsync(incident);
        using (await PostJsonAsync($"/incidents/{incident}/approve", """{"approved_by":"ana","note":"Limit raised."}"""))
        {
        }

        using var response = await Client.GetAsync($"/incidents/{incident}/postmortem?replay=true");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/markdown", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("# Post-mortem: late\\_delivery of A-1\n", text, StringComparison.Ordinal);
        foreach (var expected in new[]
        {
            "## Root cause\n\n**", "## Evidence\n\n- **E1** ", "## What to do\n", "## Decision\n", " was approved by ana (claimed) at ", "“Limit raised.”",
            "## Figures\n", "The agent's own model calls: 2 calls, 270 tokens in, 27 tokens out", "**Reproduced** for this document",
            $"`{report.GetProperty("report_digest").GetString()}`", "Found in the recorded bytes when the report was made.",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("This is not the latest report", text, StringComparison.Ordinal);
        foreach (var evidence in report.GetProperty("evidence").EnumerateArray())
        {
            Assert.Contains($"- **{evidence.GetProperty("id").GetString()}** ", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_replay_an_analysis_or_a_decision_it_says_so()
    {
        var incident = await CreateIncidentAsync();

        var text = await Client.GetStringAsync($"/incidents/{incident}/postmortem");

        Assert.Contains("This incident has not been analysed, so no cause can be told.", text, StringComparison.Ordinal);
        Assert.Contains("Nobody has decided on this incident yet.", text, StringComparison.Ordinal);
        Assert.Contains("The incident was not replayed for this document.", text, StringComparison.Ordinal);
        Assert.Contains("From detection to the first analysis: not known", text, StringComparison.Ordinal);
        Assert.DoesNotContain("## Root cause", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_report_says_that_it_is_one_and_which_report_was_decided_on()
    {
        var incident = await SendRefusedOrderAsync();
        var first = (await AnalyzeTraceAsync(incident)).GetProperty("report_digest").GetString();
        using (await PostJsonAsync($"/incidents/{incident}/approve", "{}"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
            await AnalyzeAsync(incident);
        }

        var old = await Client.GetStringAsync($"/incidents/{incident}/postmortem?report={first}");
        var latest = await Client.GetStringAsync($"/incidents/{incident}/postmortem");

        Assert.Contains("This is not the latest report", old, StringComparison.Ordinal);
        Assert.DoesNotContain("another report than this one", old, StringComparison.Ordinal);
        Assert.Contains("another report than this one", latest, StringComparison.Ordinal);
        Assert.DoesNotContain("This is not the latest report", latest, StringComparison.Ordinal);
        using var unknown = await Client.GetAsync($"/incidents/{incident}/postmortem?report={new string('0', 64)}");
        await ReadProblemAsync(unknown, 404, "not-found", "report");
        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/postmortem");
        await ReadProblemAsync(missing, 404, "not-found", "id");
        using var wrong = await Client.GetAsync($"/incidents/{incident}/postmortem?replay=maybe");
        await ReadProblemAsync(wrong, 400, "invalid-parameter", "replay");
    }

    [Fact]
    public async Task An_incident_of_nothing_named_is_named_by_what_went_wrong()
    {
        using var created = await PostJsonAsync("/incidents", """{"problem_type":"agent_error"}""");
        var id = (await ReadAsync(created, 201)).GetProperty("id").GetGuid();

        var text = await Client.GetStringAsync($"/incidents/{id}/postmortem");

        Assert.Equal("# Post-mortem: agent\\_error", text.Split('\n')[0]);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>")]
    [InlineData("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))")]
    [InlineData("![x](https://evil.example/x.png)", "\\!\\[x\\](https\\://evil.example/x.png)")]
    [InlineData("**bold** _it_ `code` ~~no~~ | cell", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~\\~no\\~\\~ \\| cell")]
    [InlineData("- item", "\\- item")]
    [InlineData("1. one", "1\\. one")]
    [InlineData("www.evil.example &amp; ana@example.org", "www\\.evil.example \\&amp; ana\\@example.org")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("plain A-20417 (v1.2) 100%", "plain A-20417 (v1.2) 100%")]
    public async Task Names_from_outside_are_text_and_never_markup(string name, string shown)
    {
        using var created = await PostJsonAsync("/incidents", JsonSerializer.Serialize(new Dictionary<string, string> { ["order_id"] = name, ["problem_type"] = "p" }));
        var id = (await ReadAsync(created, 201)).GetProperty("id").GetGuid();

        var text = await Client.GetStringAsync($"/incidents/{id}/postmortem");

        Assert.Equal($"# Post-mortem: p of {shown}", text.Split('\n')[0]);
    }

    [Fact]
    public async Task Hostile_names_of_spans_and_notes_stay_within_their_line()
    {
        var incident = await CreateIncidentAsync();
        await SendSpansAsync($$"""
            [{"span_id":"h-run","tool":"agent.run/x","start_ts":1767225600000,"end_ts":1767225700000,"incident_id":"{{incident}}"},
             {"span_id":"h`` ` <b>","parent_id":"h-run","tool":"tool.call/# h\n## forged\n<img src=x onerror=alert(1)>","start_ts":1767225604000,"end_ts":1767225605000,"incident_id":"{{incident}}","attributes":{"status":"error","error.message":"</p>\n# Not a heading"} }]
            """);
        await AnalyzeTraceAsync(incident);
        using (await PostJsonAsync($"/incidents/{incident}/reject", """{"reason":"No.\n## Decision\n- forged"}"""))
        {
        }

        var text = await Client.GetStringAsync($"/incidents/{incident}/postmortem");

        Assert.Contains("forged", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n## forged", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n- forged", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line == "## Decision");
        Assert.All(text.Split('\n').Where(line => line.Contains("<img", StringComparison.Ordinal)), line =>
            Assert.Matches(@"\\<img|`[^`]*<img[^`]*`", line));
    }
}
