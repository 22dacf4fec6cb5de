using System.Text.Json;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tests.Groq;

public sealed class GroqChatClientTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Why is the order late?")];

    [Fact]
    public async Task A_completion_is_mapped_with_its_model_and_usage()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Completion(
            "The carrier was slow.",
            usage: """{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":7}}"""));

        var response = await host.Client.GetResponseAsync(Question);

        Assert.Equal("The carrier was slow.", response.Text);
        Assert.Equal("openai/gpt-oss-120b", response.ModelId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((100L, 20L, 120L, 64L, 7L), (
            response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount,
            response.Usage.CachedInputTokenCount, response.Usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task The_request_is_what_Groq_documents()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Completion("{}"));

        await host.Client.GetResponseAsync(Question, new ChatOptions { ResponseFormat = ChatResponseFormat.Json, StopSequences = ["\n\n"] });

        var request = Assert.Single(host.Server.Requests);
        Assert.Equal(("POST", "/openai/v1/chat/completions", $"Bearer {GroqHost.Key}"), (request.Method, request.Path, request.Headers["Authorization"]));
        Assert.Equal(
            """{"model":"openai/gpt-oss-120b","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the order late?"},{"role":"system","content":"Answer with one JSON object."}],"max_completion_tokens":4096,"temperature":0,"seed":1,"stop":["\n\n"],"response_format":{"type":"json_object"},"reasoning_effort":"medium","include_reasoning":false}""",
            request.Json.GetRawText());
    }

    [Theory]
    [InlineData("openai/gpt-oss-20b", "json_schema")]
    [InlineData("llama-3.3-70b-versatile", "json_object")]
    public async Task A_strict_schema_goes_only_to_models_that_follow_it(string model, string type)
    {
        await using var host = new GroqHost(options => options.Models = [model]);
        host.Server.Enqueue(ScriptedGroqReply.Completion("{}", model));
        var schema = JsonElement.Parse("""{"type":"object","properties":{},"required":[],"additionalProperties":false}""");

        await host.Client.GetResponseAsync(Question, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "report") });

        var request = host.Server.Requests[0];
        Assert.Equal(type, request.Json.GetProperty("response_format").GetProperty("type").GetString());
        Assert.Equal(type == "json_object", request.Prompt.Contains("additionalProperties", StringComparison.Ordinal));
        Assert.Equal(type == "json_schema", request.Json.TryGetProperty("reasoning_effort", out _));
    }

    [Theory]
    [InlineData(404, "model_not_found")]
    [InlineData(400, "model_decommissioned")]
    public async Task A_model_that_is_gone_is_replaced_by_the_next_and_passed_over_for_an_hour(int status, string code)
    {
        await using var host = new GroqHost(options => options.Models = ["llama-3.3-70b-versatile", "openai/gpt-oss-120b"]);
        host.Server.Respond = request => request.Model == "openai/gpt-oss-120b"
            ? ScriptedGroqReply.Completion("ok")
            : ScriptedGroqReply.Error(status, code, "The model does not exist.");

        var first = await host.Client.GetResponseAsync(Question);
        await host.Client.GetResponseAsync(Question);
        host.Time.Offset = TimeSpan.FromMinutes(61);
        await host.Client.GetResponseAsync(Question);

        Assert.Equal("openai/gpt-oss-120b", first.ModelId);
        Assert.Equal(
            ["llama-3.3-70b-versatile", "openai/gpt-oss-120b", "openai/gpt-oss-120b", "llama-3.3-70b-versatile", "openai/gpt-oss-120b"],
            host.Server.Requests.Select(request => request.Model));
    }

    [Fact]
    public async Task When_every_model_is_gone_the_error_names_the_last_one_and_the_setting()
    {
        await using var host = new GroqHost(options => options.Models = ["a", "b"]);
        host.Server.Respond = _ => ScriptedGroqReply.Error(404, "model_not_found", "gone");

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.ModelUnavailable, failure.Kind);
        Assert.Contains("The model b is not there", failure.Message, StringComparison.Ordinal);
        Assert.Contains("GROQ_MODEL", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, host.Server.Requests.Count);
    }

    [Fact]
    public async Task Invalid_json_is_asked_for_twice_more_with_other_seeds()
    {
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Body(
            400, """{"error":{"message":"bad","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"{\"a\":"}}""");

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal((GroqErrorKind.InvalidJson, "{\"a\":"), (failure.Kind, failure.FailedGeneration));
        Assert.DoesNotContain("{\"a\"", failure.Message, StringComparison.Ordinal);
        Assert.Equal([1L, 2L, 3L], host.Server.Requests.Select(request => request.Json.GetProperty("seed").GetInt64()));
    }

    [Theory]
    [InlineData(400, GroqErrorKind.BadRequest, 1)]
    [InlineData(401, GroqErrorKind.Unauthorized, 1)]
    [InlineData(403, GroqErrorKind.Forbidden, 1)]
    [InlineData(404, GroqErrorKind.BadRequest, 1)]
    [InlineData(413, GroqErrorKind.RequestTooLarge, 1)]
    [InlineData(418, GroqErrorKind.BadRequest, 1)]
    [InlineData(422, GroqErrorKind.Unprocessable, 2)]
    [InlineData(424, GroqErrorKind.BadRequest, 1)]
    [InlineData(429, GroqErrorKind.RateLimited, 3)]
    [InlineData(498, GroqErrorKind.CapacityExceeded, 3)]
    [InlineData(500, GroqErrorKind.ServerError, 3)]
    [InlineData(502, GroqErrorKind.ServerError, 3)]
    [InlineData(503, GroqErrorKind.ServerError, 3)]
    public async Task Each_status_is_retried_as_often_as_it_makes_sense(int status, GroqErrorKind kind, int requests)
    {
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Error(status, null, $"No, and your key {GroqHost.Key} is known to me.");

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal((kind, (int?)status), (failure.Kind, failure.StatusCode));
        Assert.Equal(requests, host.Server.Requests.Count);
        Assert.DoesNotContain(GroqHost.Key, failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("your key [api key] is", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_servers_failure_is_retried_after_waits_that_double_with_jitter()
    {
        await using var host = new GroqHost(options => options.MaxRetries = 6);
        host.Server.Respond = _ => ScriptedGroqReply.Error(503, null, "busy");

        await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        var waits = host.Time.Waits.Select(wait => wait.TotalSeconds).ToList();
        Assert.Equal(6, waits.Count);
        for (var i = 0; i < waits.Count; i++)
        {
            var least = Math.Min(8, 0.5 * Math.Pow(2, i));
            Assert.InRange(waits[i], least, Math.Min(8, least * 1.25));
        }
    }

    [Fact]
    public async Task A_rate_limit_is_waited_for_as_long_as_it_asks()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Error(429, "rate_limit_exceeded", "slow down", "Retry-After: 12"), ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await host.Client.GetResponseAsync(Question)).Text);
        Assert.InRange(Assert.Single(host.Time.Waits).TotalSeconds, 12, 15);
    }

    [Theory]
    [InlineData("Retry-After: 95", 95, "95 seconds")]
    [InlineData("Retry-After: 3600", 3600, "60 minutes")]
    [InlineData("x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 1m9.56s", 69.56, "70 seconds")]
    public async Task A_rate_limit_beyond_the_cap_is_named_at_once(string header, double seconds, string words)
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Error(429, "rate_limit_exceeded", "slow down", header));

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal((GroqErrorKind.RateLimited, TimeSpan.FromSeconds(seconds)), (failure.Kind, failure.RetryAfter));
        Assert.Contains($"wait {words}", failure.Message, StringComparison.Ordinal);
        Assert.Single(host.Server.Requests);
    }

    [Fact]
    public async Task A_wait_that_would_outlast_the_call_is_not_begun()
    {
        await using var host = new GroqHost(options =>
        {
            options.AttemptTimeout = TimeSpan.FromSeconds(50);
            options.TotalTimeout = TimeSpan.FromSeconds(50);
            options.MaxRetryAfter = TimeSpan.FromSeconds(600);
        });
        host.Server.Enqueue(ScriptedGroqReply.Error(429, null, "slow down", "Retry-After: 55"));

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(TimeSpan.FromSeconds(55), failure.RetryAfter);
        Assert.Empty(host.Time.Waits);
    }

    [Fact]
    public async Task Resets_and_cut_bodies_are_tried_again()
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(
            ScriptedGroqReply.Reset(),
            ScriptedGroqReply.Reset(ScriptedGroqReply.HeadText(200, "application/json", "Content-Length: 500") + "{\"id\":"),
            ScriptedGroqReply.Completion("ok"));

        Assert.Equal("ok", (await host.Client.GetResponseAsync(Question)).Text);
        Assert.Equal(3, host.Server.Requests.Count);
    }

    [Fact]
    public async Task A_connection_that_always_breaks_is_a_failure_of_the_connection()
    {
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Reset();

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.ConnectionFailed, failure.Kind);
        Assert.Equal(3, host.Server.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":")]
    public async Task A_stalled_server_ends_in_a_timeout(string bytes)
    {
        await using var host = new GroqHost(options => options.TotalTimeout = TimeSpan.FromMinutes(30));
        host.Time.LimitDivisor = 300;
        host.Server.Respond = _ => ScriptedGroqReply.Stall(bytes);

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.Timeout, failure.Kind);
        Assert.Contains("60 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, host.Server.Requests.Count);
    }

    [Fact]
    public async Task A_call_ends_after_its_total_time_whatever_its_attempts_do()
    {
        await using var host = new GroqHost(options => options.TotalTimeout = TimeSpan.FromSeconds(90));
        host.Time.LimitDivisor = 300;
        host.Server.Respond = _ => ScriptedGroqReply.Stall();

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.Timeout, failure.Kind);
        Assert.Contains("90 seconds, all attempts included", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_stops_the_call_and_is_no_failure_of_Groq()
    {
        await using var host = new GroqHost();
        using var cancellation = new CancellationTokenSource();
        host.Server.Respond = _ =>
        {
            cancellation.CancelAfter(20);
            return ScriptedGroqReply.Stall();
        };

        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client.GetResponseAsync(Question, null, cancellation.Token));
        Assert.Equal(cancellation.Token, stopped.CancellationToken);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed_so_the_key_stays(int status)
    {
        await using var thief = ScriptedGroqServer.Start();
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Redirect(thief.Endpoint, status);

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.Redirected, failure.Kind);
        Assert.Contains("127.0.0.1", failure.Message, StringComparison.Ordinal);
        Assert.Empty(thief.Requests);
    }

    [Fact]
    public async Task Prompts_and_answers_are_logged_at_Trace_only_and_the_key_never()
    {
        await using var host = new GroqHost(options => options.Models = ["gone", "openai/gpt-oss-120b"]);
        host.Server.Enqueue(
            ScriptedGroqReply.Error(404, "model_not_found", $"no model for {GroqHost.Key}"),
            ScriptedGroqReply.Error(500, null, GroqHost.Key),
            ScriptedGroqReply.Completion("The carrier was slow."));

        await host.Client.GetResponseAsync(Question);

        Assert.DoesNotContain(host.Log.Lines, line => line.Text.Contains(GroqHost.Key, StringComparison.Ordinal));
        var telling = host.Log.Lines.Where(line =>
            line.Text.Contains("order late", StringComparison.Ordinal) || line.Text.Contains("carrier", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, telling.Count);
        Assert.All(telling, line => Assert.Equal(LogLevel.Trace, line.Level));
        Assert.Contains(host.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sent()
    {
        await using var host = new GroqHost(options => options.ApiKey = null);

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync(Question));

        Assert.Equal(GroqErrorKind.NotConfigured, failure.Kind);
        Assert.Empty(host.Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hosts_standard_resilience_is_not_stacked_on_ours(bool before)
    {
        void AddDefaults(IServiceCollection services) =>
            services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
        await using var host = new GroqHost(services: before ? null : AddDefaults);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(host.Time);
        AddDefaults(services);
        services.AddGroq().AddGroq();
        services.Configure<GroqOptions>(options => (options.ApiKey, options.Endpoint) = (GroqHost.Key, host.Server.Endpoint));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        host.Server.Respond = _ => ScriptedGroqReply.Error(503, null, "busy");

        var client = before ? provider.GetRequiredService<GroqChatClient>() : host.Client;
        await Assert.ThrowsAsync<GroqException>(() => client.GetResponseAsync(Question));

        Assert.Equal(3, host.Server.Requests.Count);
    }

    [Fact]
    public async Task Tools_and_pictures_are_refused_with_a_sentence()
    {
        await using var host = new GroqHost();
        ChatMessage picture = new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);

        await Assert.ThrowsAsync<NotSupportedException>(() => host.Client.GetResponseAsync([picture]));
        await Assert.ThrowsAsync<NotSupportedException>(() => host.Client.GetResponseAsync(
            Question, new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "f")] }));
        Assert.Empty(host.Server.Requests);
    }

    [Fact]
    public async Task The_model_it_will_ask_is_the_first_that_is_not_gone()
    {
        await using var host = new GroqHost(options => options.Models = ["llama-3.3-70b-versatile", "openai/gpt-oss-120b"]);
        host.Server.Enqueue(ScriptedGroqReply.Error(404, "model_not_found", "gone"), ScriptedGroqReply.Completion("ok"));
        Assert.Equal("llama-3.3-70b-versatile", host.Client.GetService<ChatClientMetadata>()?.DefaultModelId);

        await host.Client.GetResponseAsync(Question);

        Assert.Equal("openai/gpt-oss-120b", host.Client.GetService<ChatClientMetadata>()?.DefaultModelId);
    }

    [Fact]
    public async Task It_says_who_it_is()
    {
        await using var host = new GroqHost();

        var metadata = Assert.IsType<ChatClientMetadata>(host.Client.GetService(typeof(ChatClientMetadata)));

        Assert.Equal(("groq", "openai/gpt-oss-120b"), (metadata.ProviderName, metadata.DefaultModelId));
    }
}
