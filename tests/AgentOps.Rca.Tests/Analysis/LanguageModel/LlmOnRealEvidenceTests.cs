using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Groq;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>The language model on top of the real trace engine: a carrier's rate limit, retried into a late delivery.</summary>
public sealed class LlmOnRealEvidenceTests
{
    private const string Tool = "tool.call/carrier.create_shipment";
    private const string Plain = "The carrier refused the shipment again and again because its rate limit was reached, and the retries made the run late.";

    [Fact]
    public async Task A_plain_sentence_about_what_the_detectors_found_stands_beside_it_with_its_level_and_is_replayed()
    {
        await using var host = new LlmHost(useFixedTrace: false);
        host.Server.Respond = request => ScriptedGroqReply.Completion(AnswerFrom(request.Prompt));
        var incident = Samples.Incident(1);
        await host.Get<IIncidentStore>().AddAsync(incident);
        var result = """{"error":"rate_limit_exceeded","message":"Account limit of 40 shipments an hour reached."}"""u8.ToArray();
        await host.Get<ArtifactVault>().PutAsync(result, "application/json");
        await host.Get<ArtifactVault>().PutAsync("{}"u8.ToArray(), "application/json");
        await host.Get<ISpanStore>().AddAsync([.. Spans(incident.Id.ToString("D"), ArtifactDigest.Of(result).ToString())]);

        var outcome = await host.Get<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incident.Id });
        var report = Assert.IsType<RcaOutcome.Completed>(outcome).Report;

        Assert.Equal(("llm", RcaVerdict.Identified, Tool), (report.Engine, report.Verdict, report.Hypotheses[0].Tool));
        Assert.Contains(report.Hypotheses[0].Statements!, statement => statement.Text == Plain);
        Assert.DoesNotContain(Plain, report.RootCause, StringComparison.Ordinal);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
        Assert.InRange(TokensOf(host.Server.Requests[0].Prompt), 1, 3_800);
        Assert.Equal(ReplayVerdict.Reproduced, (await host.Get<IReplayer>().ReplayAsync(incident.Id))!.Verdict);
    }

    private static IEnumerable<Span> Spans(string incidentId, string resultDigest)
    {
        const long Start = 1_773_333_482_114;
        yield return Samples.Span("run", Start, "agent.run/order-agent", incidentId) with { EndTs = Start + 1_719_000 };
        for (var i = 0; i < 6; i++)
        {
            yield return Samples.Span(
                $"ship{i}", Start + 5_000 + (i * 60_000), Tool, incidentId,
                """{"error.message":"Account limit of 40 shipments an hour reached.","error.type":"rate_limited","http.response.status_code":429}""") with
            {
                ParentId = "run",
                EndTs = Start + 5_400 + (i * 60_000),
                ArgsDigest = ArtifactDigest.Of("{}"u8).ToString(),
                ResultDigest = resultDigest,
            };
        }

        yield return Samples.Span("ship6", Start + 1_700_000, Tool, incidentId, """{"http.response.status_code":200}""") with
        {
            ParentId = "run",
            EndTs = Start + 1_700_900,
            ArgsDigest = ArtifactDigest.Of("{}"u8).ToString(),
        };
    }

    /// <summary>Cites, as a careful model does, the first piece of evidence about the tool with all the words it is shown.</summary>
    private static string AnswerFrom(string prompt)
    {
        var evidence = prompt.Split('\n').Where(line => line.StartsWith("{\"id\":", StringComparison.Ordinal))
            .Select(line => JsonElement.Parse(line))
            .First(line => line.TryGetProperty("tool", out var tool) && tool.GetString() == Tool && line.TryGetProperty("words", out _));
        return LlmHost.Answer(Plain, evidence.GetProperty("id").GetString()!, evidence.GetProperty("words").GetString());
    }

    private static int TokensOf(string text) => System.Text.Encoding.UTF8.GetByteCount(text) / 3;
}
