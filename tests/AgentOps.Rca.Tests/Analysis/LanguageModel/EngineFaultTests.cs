using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Groq;
using AgentOps.Rca.Tests.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>
/// Every way in which Groq is known or feared to fail, against the whole engine: whatever comes back, the trace engine's finding is there
/// and first, nothing that the evidence does not carry is grounded, what is not known is null, and the replay makes the same report.
/// </summary>
public sealed class EngineFaultTests
{
    private const string True = "The carrier quote tool failed 4 times because of too many requests.";
    private const string False = "Alice in the warehouse sabotaged the payment gateway.";
    private static readonly string Good = LlmHost.Answer(True);

    /// <summary>Failures of the service: rows of its table of errors, connections, redirects, bodies.</summary>
    public static TheoryData<string> Services =>
    [
        "400 json_validate_failed", "400 model_decommissioned", "404 model_not_found", "400 other", "401", "403", "424", "413", "418", "422",
        "429 short", "429 long", "429 date", "498", "500", "502", "503", "504", "errors without a body", "errors in HTML",
        "reset at once", "reset in the head", "reset in the body", "closed at once", "stall at once", "stall in the head", "stall in the body",
        "100 MB announced", "100 MB unannounced", "100 MB of an error", "redirect 301", "redirect 302", "redirect 303", "redirect 307", "redirect 308",
        "an event stream", "empty body", "not JSON", "an array", "no choices", "choices are null", "a choice without message", "content is a number",
        "cut in half", "bytes that are no UTF-8", "length lies", "deep JSON", "a billion", "an error in 200",
    ];

    /// <summary>Answers of the model that are wrong in form or in substance.</summary>
    public static TheoryData<string> Answers =>
    [
        "", "null", "[]", "\"text\"", "42", "{", "{}", "I think it was the carrier.", "```json\n{}\n```", "{\"hypotheses\":null}", "{\"hypotheses\":{}}",
        "{\"hypotheses\":[null]}", "{\"hypotheses\":[{}]}", "{\"hypotheses\":[[]]}", "{\"hypotheses\":[]}",
        "{\"verdict\":\"unknown\",\"hypotheses\":[],\"hypotheses\":[]}", "{\"verdict\":\"unknown\",\"hypotheses\":[],\"ruled_out\":[null]}", "{\"verdict\":\"cause\",\"hypotheses\":[],\"more\":[null]}", "{\"verdict\":\"guilty\",\"hypotheses\":[]}",
        Answer(False, "rate_limited", "0.9", "E1", FixedTraceEngine.Quote), Answer(True, "Rate Limited!", "0.9", "E1", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "7", "E1", FixedTraceEngine.Quote), Answer(True, "rate_limited", "-1", "E1", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "1e400", "E1", FixedTraceEngine.Quote), Answer(True, "rate_limited", "\"high\"", "E1", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "0.9", "E9", FixedTraceEngine.Quote), Answer(True, "rate_limited", "0.9", "E0", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "0.9", "quote", FixedTraceEngine.Quote), Answer(True, "rate_limited", "0.9", "E1 ", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "0.9", "E1,E2", FixedTraceEngine.Quote), Answer(True, "rate_limited", "0.9", "M1", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "0.9", "E1", "503 Service Unavailable"), Answer(True, "rate_limited", "0.9", "E1", "429 Too Many Requests!"),
        Answer(True, "rate_limited", "0.9", "E1", "stseuqeR ynaM ooT 924"),
        Answer(True, "rate_limited", "0.9", "E1", "429 Too Many Requests and Alice did it"), Answer(True, "rate_limited", "0.9", "E2", FixedTraceEngine.Quote),
        Answer(True, "rate_limited", "0.9", "E1", "too many"), Answer(True, "rate_limited", "0.9", "E1", " "), Answer(True, "rate_limited", "0.9", "E1", "…"),
        Answer(new string('a', 901), "rate_limited", "0.9", "E1", FixedTraceEngine.Quote), Answer(" ", "rate_limited", "0.9", "E1", FixedTraceEngine.Quote),
        Answer("\u202E\u200B\u0007", "rate_limited", "0.9", "E1", FixedTraceEngine.Quote),
        $"{{\"hypotheses\":[{string.Join(',', Enumerable.Repeat("{\"step\":\"S1\"}", 6))}]}}",
        new string('[', 5_000), $"{{\"a\":{new string('9', 20_000)}}}", LlmHost.Answer(True)[..^20], LlmHost.Answer(True) + " trailing", "\uFEFF" + "{\"hypotheses\":1}",
    ];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Whatever_the_service_does_the_trace_report_is_there_and_says_why_no_model_helped(string fault)
    {
        await using var thief = ScriptedGroqServer.Start();
        await using var host = new LlmHost(builder => builder.UseGroq(groq => groq.MaxReplyBytes = 1_048_576));
        ((QuickTimeProvider)host.Get<TimeProvider>()).LimitDivisor = 300;
        host.Server.Respond = _ => Reply(fault, thief);

        var report = await host.AnalyzeAsync();

        await AssertSoundAsync(host, report);
        Assert.Equal("trace", report.Engine);
        Assert.Contains(report.Gaps, gap => gap.StartsWith("This is the trace engine's report; the language model did not contribute: ", StringComparison.Ordinal));
        Assert.Null(report.Usage);
        Assert.Null(report.CostUsd);
        Assert.Empty(thief.Requests);
        Assert.InRange(host.Server.Requests.Count, 1, 9);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Whatever_the_model_answers_nothing_that_the_evidence_does_not_carry_is_grounded(string answer)
    {
        await using var host = new LlmHost();
        host.Server.Respond = _ => ScriptedGroqReply.Completion(answer);

        var report = await host.AnalyzeAsync();

        await AssertSoundAsync(host, report);
        Assert.NotNull(report.Usage);
        Assert.NotNull(report.CostUsd);
        Assert.InRange(report.Usage.Calls, 1, 3);
        Assert.DoesNotContain("Alice", report.Summary + report.RootCause + report.EmailDraft, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"prompt_tokens":100}""")]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":5}""")]
    [InlineData("""{"prompt_tokens":"100","completion_tokens":5}""")]
    [InlineData("""[100,5]""")]
    public async Task Usage_that_is_not_told_is_null_and_so_is_the_cost(string usage)
    {
        await using var host = new LlmHost();
        host.Server.Enqueue(ScriptedGroqReply.Completion(Good, usage: usage));

        var report = await host.AnalyzeAsync();

        await AssertSoundAsync(host, report);
        Assert.Equal((1.0, null, null), (report.GroundedClaimRate, report.Usage, report.CostUsd));
    }

    [Fact]
    public async Task A_model_without_a_known_price_costs_null_and_what_it_used_stays_known()
    {
        await using var host = new LlmHost(builder => builder.UseGroq(groq => groq.Models = ["acme/unheard-of"]));
        host.Server.Enqueue(ScriptedGroqReply.Completion(Good, "acme/unheard-of"));

        var report = await host.AnalyzeAsync();

        await AssertSoundAsync(host, report);
        Assert.Equal((100L, (double?)null), (report.Usage!.PromptTokens, report.CostUsd));
    }

    [Fact]
    public async Task A_reply_of_an_unnamed_model_costs_null_and_counts_at_the_price_of_the_one_asked_towards_the_ceiling()
    {
        await using var host = new LlmHost(builder => builder
            .ConfigureLanguageModel(options => options.MaxCostUsdPerAnalysis = 0.004)
            .UseChatClient(provider => new UnnamedModelClient(provider.GetRequiredService<GroqChatClient>())));
        host.Server.Enqueue(
            ScriptedGroqReply.Completion("nonsense", usage: """{"prompt_tokens":1500,"completion_tokens":4000}"""), ScriptedGroqReply.Completion(Good));

        var report = await host.AnalyzeAsync();

        Assert.Equal((1500L, 1, null, null), (report.Usage!.PromptTokens, report.Usage.Calls, report.Model, report.CostUsd));
        Assert.Contains("over its ceiling of 0.004 USD", Assert.Single(report.Gaps), StringComparison.Ordinal);
        Assert.Single(host.Server.Requests);
    }

    [Fact]
    public async Task A_model_that_is_gone_is_passed_over_and_the_one_that_answered_is_named()
    {
        await using var host = new LlmHost(builder => builder.UseGroq(groq => groq.Models = ["llama-3.3-70b-versatile", "openai/gpt-oss-120b"]));
        host.Server.Respond = request => request.Model == "openai/gpt-oss-120b"
            ? ScriptedGroqReply.Completion(Good)
            : ScriptedGroqReply.Error(404, "model_not_found", "gone");

        var report = await host.AnalyzeAsync();

        await AssertSoundAsync(host, report);
        Assert.Equal(("openai/gpt-oss-120b", 1.0), (report.Model, report.GroundedClaimRate));
    }

    [Fact]
    public async Task A_streamed_answer_that_is_cut_at_any_byte_is_no_answer()
    {
        var whole = ScriptedGroqReply.StreamOf([Good[..120], Good[120..240], Good[240..]], """{"prompt_tokens":100,"completion_tokens":20}""");
        var length = Encoding.UTF8.GetByteCount(whole);
        var step = Trial.Size(17, 1);
        var cuts = 0;
        for (var cut = 0; cut < length; cut += step)
        {
            await using var host = new LlmHost(builder => builder.UseChatClient(provider => new StreamedClient(provider.GetRequiredService<GroqChatClient>())));
            host.Server.Respond = _ => ScriptedGroqReply.Stream(whole, cut);

            var report = await host.AnalyzeAsync();

            await AssertSoundAsync(host, report);
            Assert.Equal(("trace", null, null), (report.Engine, report.Usage, report.CostUsd));
            cuts++;
        }

        await using var uncut = new LlmHost(builder => builder.UseChatClient(provider => new StreamedClient(provider.GetRequiredService<GroqChatClient>())));
        uncut.Server.Respond = _ => ScriptedGroqReply.Stream(whole);
        Assert.Equal(1.0, (await uncut.AnalyzeAsync()).GroundedClaimRate);
        Trial.Report("Language model: streamed answer cut off", $"{cuts} places of {length} bytes, 0 taken for an answer");
    }

    [Fact]
    public async Task An_answer_with_one_byte_changed_never_grounds_what_was_not_there()
    {
        var random = new Random(20_261_125);
        var rounds = Trial.Size(40, 600);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Good);
            for (var change = 0; change <= round % 3; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(0x20, 0x7F);
            }

            await using var host = new LlmHost();
            host.Server.Respond = _ => ScriptedGroqReply.Completion(Encoding.UTF8.GetString(bytes));

            await AssertSoundAsync(host, await host.AnalyzeAsync(), allowTrue: true);
        }

        Trial.Report("Language model: answers with changed bytes", $"{rounds} answers, 0 with an ungrounded claim shown as grounded");
    }

    // What must hold after every fault.
    private static async Task AssertSoundAsync(LlmHost host, RcaReport report, bool allowTrue = false)
    {
        Assert.Equal((RcaVerdict.Identified, FixedTraceEngine.Cause), (report.Verdict, report.RootCause));
        Assert.Equal(FixedTraceEngine.Cause, report.Hypotheses[0].Cause);
        Assert.All(report.Hypotheses.Skip(1), hypothesis => Assert.True(
            !hypothesis.Grounded || (allowTrue && hypothesis.Evidence.All(id => report.Evidence.Single(evidence => evidence.Id == id).Checked)), hypothesis.Cause));
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
        var told = Encoding.UTF8.GetString(RcaJson.ToUtf8(report));
        Assert.DoesNotContain(GroqHost.Key, told, StringComparison.Ordinal);
        Assert.NotEqual(0, report.CostUsd);
        var asked = host.Server.Requests.Count;
        Assert.Equal(ReplayVerdict.Reproduced, (await host.Get<IReplayer>().ReplayAsync(report.IncidentId))!.Verdict);
        Assert.Equal(asked, host.Server.Requests.Count);
    }

    private static ScriptedGroqReply Reply(string fault, ScriptedGroqServer thief)
    {
        string Begun(int bytes) => ScriptedGroqReply.HeadText(200, "application/json", "Content-Length: 900") + new string(' ', bytes);
        return fault switch
        {
            "429 short" => ScriptedGroqReply.Error(429, "rate_limit_exceeded", "slow down", "Retry-After: 2"),
            "429 long" => ScriptedGroqReply.Error(429, "rate_limit_exceeded", "slow down", "Retry-After: 900"),
            "429 date" => ScriptedGroqReply.Error(429, "rate_limit_exceeded", "slow down", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"),
            "errors without a body" => ScriptedGroqReply.Body(503, ""),
            "errors in HTML" => ScriptedGroqReply.Body(502, "<html><h1>Bad gateway</h1></html>", "text/html"),
            "reset at once" => ScriptedGroqReply.Reset(),
            "reset in the head" => ScriptedGroqReply.Reset("HTTP/1.1 200 OK\r\nContent-Ty"),
            "reset in the body" => ScriptedGroqReply.Reset(Begun(100)),
            "closed at once" => ScriptedGroqReply.Raw([]),
            "stall at once" => ScriptedGroqReply.Stall(),
            "stall in the head" => ScriptedGroqReply.Stall("HTTP/1.1 200 OK\r\nContent-Ty"),
            "stall in the body" => ScriptedGroqReply.Stall(Begun(100)),
            "100 MB announced" => ScriptedGroqReply.Huge(100_000_000, announced: true),
            "100 MB unannounced" => ScriptedGroqReply.Huge(100_000_000, announced: false),
            "100 MB of an error" => ScriptedGroqReply.Huge(100_000_000, announced: true, "text/html"),
            _ when fault.StartsWith("redirect", StringComparison.Ordinal) =>
                ScriptedGroqReply.Redirect(thief.Endpoint, int.Parse(fault.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)),
            "an event stream" => ScriptedGroqReply.Stream([Good]),
            "empty body" => ScriptedGroqReply.Body(200, ""),
            "not JSON" => ScriptedGroqReply.Body(200, "<html>busy</html>"),
            "an array" => ScriptedGroqReply.Body(200, "[]"),
            "no choices" => ScriptedGroqReply.Body(200, """{"choices":[]}"""),
            "choices are null" => ScriptedGroqReply.Body(200, """{"choices":null}"""),
            "a choice without message" => ScriptedGroqReply.Body(200, """{"choices":[{}]}"""),
            "content is a number" => ScriptedGroqReply.Body(200, """{"choices":[{"message":{"content":5}}]}"""),
            "cut in half" => ScriptedGroqReply.Body(200, """{"choices":[{"message":{"content":"{\"hypo"""),
            "bytes that are no UTF-8" => ScriptedGroqReply.Raw([.. Encoding.ASCII.GetBytes(ScriptedGroqReply.HeadText(200, "application/json", "Content-Length: 4")), 0xFF, 0xFE, 0x80, 0xC0]),
            "length lies" => ScriptedGroqReply.Raw(Encoding.ASCII.GetBytes(Begun(10))),
            "deep JSON" => ScriptedGroqReply.Body(200, new string('[', 50_000)),
            "a billion" => ScriptedGroqReply.Body(200, $"{{\"choices\":[{string.Join(',', Enumerable.Repeat("{}", 20_000))}]}}"),
            "an error in 200" => ScriptedGroqReply.Body(200, """{"error":{"message":"over capacity","type":"server_error"}}"""),
            _ => ScriptedGroqReply.Error(
                int.Parse(fault.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture),
                fault.Split(' ') is [_, var code] && code != "other" ? code : null,
                $"No; your key {GroqHost.Key} is known."),
        };
    }

    private static string Answer(string explanation, string mechanism, string confidence, string id, string quote) =>
        $$"""{"verdict":"cause","hypotheses":[{"step":{{LlmHost.Json(id)}},"mechanism":{{LlmHost.Json(mechanism)}},"word":null,"evidence":[{{LlmHost.Citation(id, quote)}}],"explains":[],"confidence":{{confidence}},"explanation":{{LlmHost.Json(explanation)}} }],"ruled_out":[{"id":"E1","why":{{LlmHost.Json(False)}} }],"more":[]}""";

    /// <summary>A client that streams what is asked for at once.</summary>
    private sealed class StreamedClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
    }

    /// <summary>A client whose replies do not say which model wrote them.</summary>
    private sealed class UnnamedModelClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            response.ModelId = null;
            return response;
        }
    }
}
