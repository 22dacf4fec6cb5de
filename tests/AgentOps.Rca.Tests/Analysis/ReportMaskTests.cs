using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Replay;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>What tools and models wrote gets into reports, and people mail reports.</summary>
public sealed class ReportMaskTests
{
    /// <summary>Fewer characters of a secret tell nothing.</summary>
    private const int Telling = 12;

    [Fact]
    public async Task No_secret_of_500_stands_in_the_trace_engines_report_whose_evidence_still_holds()
    {
        var seen = 0;
        foreach (var (shape, text, secrets) in SecretCorpus.All())
        {
            var recorded = await FailedRunAsync((seen % 3) switch
            {
                0 => text,
                1 => $"The carrier refused the call: {text} (end)",
                _ => text.Insert(text.IndexOf(secrets[0], StringComparison.Ordinal) + 3, "\u200B"),
            });

            var report = await AnalyzeAsync(recorded);

            Assert.Equal(RcaVerdict.Identified, report.Verdict);
            Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
            var told = Encoding.UTF8.GetString(RcaJson.ToUtf8(report)).Replace("\u200B", "", StringComparison.Ordinal);
            foreach (var secret in secrets)
            {
                var part = secret[..Math.Min(Telling, secret.Length)];
                Assert.False(told.Contains(part, StringComparison.Ordinal), $"{shape}: {part} of {secret} reached the report: {told}");
            }

            seen++;
        }

        Assert.Equal(SecretCorpus.Size, seen);
    }

    [Fact]
    public async Task A_masked_report_is_made_again_on_replay_and_grounded_in_the_originals_of_its_bundle()
    {
        var recorded = await FailedRunAsync("Customer anna.berg@post.example.com was refused with key sk-live-4f9a8b7c6d5e4f3a2b1c0d9e.");
        var report = await AnalyzeAsync(recorded);

        var replay = await recorded.ReplayAsync();
        var verified = await recorded.VerifyAsync(await recorded.ExportAsync());

        Assert.Contains("[EMAIL_1]", report.RootCause, StringComparison.Ordinal);
        Assert.Equal((ReplayVerdict.Reproduced, report.ReportDigest), (replay.Verdict, replay.Rca?.ReportDigest));
        Assert.True(verified.Checks.Grounded.Ok, verified.Checks.Grounded.Detail);
        Assert.True(verified.Checks.Replay.Ok, verified.Checks.Replay.Detail);
    }

    [Fact]
    public async Task A_report_is_left_as_it_is_when_masking_is_turned_off_and_its_replay_leaves_it_too()
    {
        var recorded = await FailedRunAsync("Customer anna.berg@post.example.com was refused.");

        var report = await AnalyzeAsync(recorded, new AnalysisOptions { MaskReports = false });

        Assert.Contains("anna.berg@post.example.com", report.RootCause, StringComparison.Ordinal);
        Assert.Equal(ReplayVerdict.Reproduced, (await recorded.ReplayAsync()).Verdict);
    }

    [Fact]
    public async Task A_report_that_another_version_masked_is_not_called_diverged()
    {
        var recorded = await FailedRunAsync("Customer anna.berg@post.example.com was refused.");
        await AnalyzeAsync(recorded);
        var analysis = await recorded.Spans.ListAsync(new SpanQuery { IncidentId = recorded.IncidentId, IsEvidence = false }).SingleAsync();
        var manifest = JsonElement.Parse((await recorded.Vault.ReadAllVerifiedAsync(Digest(analysis), 1 << 20)).Content.Span).GetRawText();
        var other = await recorded.PutAsync(manifest.Replace($"\"masking\":\"{ReportMask.Version}\"", "\"masking\":\"0\"", StringComparison.Ordinal));
        recorded.Spans.Changed[analysis.SpanId] = span => span with { ArgsDigest = other, SpanId = AnalysisSpan.IdOf(ArtifactDigest.Parse(other)) };

        var replay = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Incomplete, replay.Verdict);
        Assert.Contains(replay.Deviations, deviation => deviation is { Kind: ReplayDeviationKind.EngineVersionDiffers, Expected: "0" });
    }

    [Fact]
    public async Task Words_that_were_quoted_are_cut_to_those_that_may_be_shown_and_still_stand_in_the_bytes()
    {
        const string Stored = "The customer anna.berg@post.example.com asked for it twice.";
        var rcaCase = new CaseBuilder().Call("run", "agent.run/a", 0, 2, result: Stored).Build();
        var digest = ArtifactDigest.Of(Encoding.UTF8.GetBytes(Stored)).ToString();

        var masked = await ReportMask.ApplyAsync(rcaCase, Report(rcaCase, Stored, digest), TestContext.Current.CancellationToken);

        var evidence = Assert.Single(masked.Evidence);
        Assert.Equal((" asked for it twice.", true), (evidence.Quote, evidence.Checked));
        Assert.True(masked.Hypotheses[0].Grounded);
        Assert.Equal("The customer [EMAIL_1] asked for it twice.", masked.Summary);
    }

    [Fact]
    public async Task A_quote_that_is_nothing_but_a_secret_no_longer_counts_as_grounding()
    {
        const string Stored = "anna.berg@post.example.com";
        var rcaCase = new CaseBuilder().Call("run", "agent.run/a", 0, 2, result: Stored).Build();

        var masked = await ReportMask.ApplyAsync(
            rcaCase, Report(rcaCase, Stored, ArtifactDigest.Of(Encoding.UTF8.GetBytes(Stored)).ToString()), TestContext.Current.CancellationToken);

        Assert.Equal((null, false, false), (masked.Evidence[0].Quote, masked.Evidence[0].Checked, masked.Hypotheses[0].Grounded));
    }

    [Fact]
    public async Task Ids_of_spans_and_traces_are_no_secrets_wherever_they_stand_and_another_random_word_is_one()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", Other = "9c1de0a7b45f4a2e8d3b6f0c7e5a1942", Secret = "e3b7a91f04c64d2fa8805bd1c97f6e23";
        var run = new CaseBuilder()
            .Call($"{Trace}:00f067aa0ba902b7", "shop/pay", 0, 3, attributes: $$"""{"service":"shop","error":"trace {{Trace}} was refused, see {{Other}} and {{Secret}}"}""")
            .Call($"{Other}:00f067aa0ba902b8", "shop/look", 4, 5, $"{Secret[..20]}:0000000000000001", attributes: """{"service":"shop"}""");
        var rcaCase = run.Build();

        var report = await ReportMask.ApplyAsync(rcaCase, await new TraceRcaEngine().AnalyzeAsync(rcaCase, cancellationToken: TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.Contains($"trace {Trace} was refused, see {Other} and [SECRET_1]", report.RootCause, StringComparison.Ordinal);
        Assert.Contains(report.Gaps, gap => gap.Contains($"{Other}:00f067aa0ba902b8", StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(RcaJson.ToUtf8(report)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_no_longer_calls_everything_backed_when_masking_took_a_citation_away()
    {
        const string Stored = "anna.berg@post.example.com";
        var rcaCase = new CaseBuilder().Call("run", "agent.run/a", 0, 2, result: Stored).Build();
        var report = Report(rcaCase, Stored, ArtifactDigest.Of(Encoding.UTF8.GetBytes(Stored)).ToString());
        report = report with { EmailDraft = Prose.Backing(report.IncidentId, report.Hypotheses, report.Evidence) };

        var masked = await ReportMask.ApplyAsync(rcaCase, report, TestContext.Current.CancellationToken);

        Assert.StartsWith("Every statement above is backed", report.EmailDraft, StringComparison.Ordinal);
        Assert.StartsWith("Not every statement above is backed by recorded evidence: 1 of 1 citations", masked.EmailDraft, StringComparison.Ordinal);
    }

    private static ArtifactDigest Digest(Span analysis) => ArtifactDigest.Parse(analysis.ArgsDigest!);

    private static RcaReport Report(RcaCase rcaCase, string quote, string digest) => new()
    {
        IncidentId = rcaCase.Incident.Id,
        Verdict = RcaVerdict.Identified,
        Confidence = 0.9,
        Summary = quote,
        Hypotheses = [new RcaHypothesis { Rank = 1, Cause = "It was asked for.", Category = "c", Score = 1, Evidence = ["E1"], Grounded = true }],
        Evidence = [new RcaEvidence { Id = "E1", Kind = "k", SpanId = "run", ArtifactDigest = digest, Quote = quote, Text = "It says so.", Checked = true }],
        Engine = "e",
        EngineVersion = "1",
        AnalysisTimestamp = rcaCase.AnalyzedAt,
    };

    private static async Task<RecordedIncident> FailedRunAsync(string message)
    {
        var recorded = await RecordedIncident.CreateAsync();
        recorded.Engines.Clear();
        recorded.Engines.Add(new TraceRcaEngine());
        var failure = JsonSerializer.Serialize(new Dictionary<string, string> { ["error.type"] = "Refused", ["error.message"] = message, ["status"] = "error" });
        await recorded.AddAsync(
            recorded.Span("root", 1_000_000, tool: "agent.run/orders"),
            recorded.Span("call", 1_000_001, parent: "root", args: await recorded.PutAsync("{}"), result: await recorded.PutAsync(message), attributes: failure));
        return recorded;
    }

    private static async Task<RcaReport> AnalyzeAsync(RecordedIncident recorded, AnalysisOptions? options = null)
    {
        recorded.Time.Advance(TimeSpan.FromSeconds(1));
        var analyzer = new RcaAnalyzer(
            recorded.Incidents, recorded.Spans, recorded.Vault, recorded.Engines, recorded.Time, NullLogger<RcaAnalyzer>.Instance,
            options: options is null ? null : Options.Create(options));
        return Assert.IsType<RcaOutcome.Completed>(await analyzer.AnalyzeAsync(new RcaRequest { IncidentId = recorded.Incident.Id })).Report;
    }
}
