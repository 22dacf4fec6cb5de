using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Recording;

/// <summary>A run, an incident and a report speak of what is known: an order, another subject, or neither.</summary>
public sealed class RunSubjectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_says_what_it_is_for_and_what_else_its_caller_knows()
    {
        await using var provider = Build();
        var attributes = new Dictionary<string, object?>
        {
            ["tenant"] = "north",
            ["attempt"] = 3,
            ["vip"] = true,
            ["budget"] = 0.5,
            ["none"] = null,
            ["huge"] = long.MaxValue,
            ["not.a.number"] = double.NaN,
            ["tags"] = JsonElement.Parse("""["a","b"]"""),
            ["gen_ai.agent.name"] = "another",
            ["when"] = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc),
        };
        await using (provider.GetRequiredService<IAgentRecorder>().StartRun("support", subject: "ticket 7", attributes: attributes))
        {
            attributes.Clear();
        }

        var span = await provider.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).SingleAsync(Token);
        Assert.Equal("ticket 7", span.Attributes.GetProperty("agentops.subject").GetString());
        Assert.Equal("support", span.Attributes.GetProperty("gen_ai.agent.name").GetString());
        Assert.Equal(
            "\"north\" 3 true 0.5 null \"9223372036854775807\" \"NaN\" [\"a\",\"b\"]",
            string.Join(' ', new[] { "tenant", "attempt", "vip", "budget", "none", "huge", "not.a.number", "tags" }.Select(name => span.Attributes.GetProperty(name).GetRawText())));
        Assert.Equal("01/02/2026 00:00:00", span.Attributes.GetProperty("when").GetString());
        Assert.Equal("ticket 7", IncidentOpening.Of(Ended(span), [new("p", "s")], new IncidentDetectionOptions()).Subject);
    }

    [Theory]
    [InlineData("A-1", "{}", "Order A-1 was reported as late (2 hours late).", "of order A-1")]
    [InlineData("A-1", """{"subject":"something else"}""", "Order A-1 was reported as late (2 hours late).", "of order A-1")]
    [InlineData("ticket 7", """{"subject":"ticket 7"}""", "ticket 7 was reported as late (2 hours late).", "of ticket 7")]
    [InlineData(null, "{}", "Incident 00000000-0000-0000-0000-000000000009 was reported as late (2 hours late).", "of incident 00000000-0000-0000-0000-000000000009")]
    public async Task A_report_calls_an_order_an_order_and_nothing_else_so(string? subject, string details, string summary, string mail)
    {
        await using var provider = Build();
        var id = new Guid("00000000-0000-0000-0000-000000000009");
        await provider.GetRequiredService<IIncidentStore>().AddAsync(
            new Incident { Id = id, Subject = subject, ProblemType = "late", EtaDeltaHours = 2, CreatedTs = Samples.Instant, Details = JsonElement.Parse(details) }, Token);

        var outcome = await provider.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = id }, cancellationToken: Token);

        var report = Assert.IsType<RcaOutcome.Completed>(outcome).Report;
        Assert.StartsWith(summary, report.Summary, StringComparison.Ordinal);
        Assert.Contains(mail, report.EmailDraft, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_is_the_business_key_under_a_neutral_name()
    {
        var incident = Samples.Incident(1);
        Assert.Equal(incident.OrderId, incident.Subject);
        Assert.Equal("x", (incident with { Subject = "x" }).OrderId);
        Assert.Null((incident with { OrderId = "" }).Subject);
    }

    private static EndedRun Ended(Span span) => new(span, [span]);

    private static ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        return services.BuildServiceProvider();
    }
}
