using System.Net;
using System.Text.Json;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tests.Detection;

public sealed class WebhookTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_signature_holds_for_its_secret_body_and_time_only()
    {
        var body = "{}"u8.ToArray();
        var header = WebhookSignature.Sign("secret", body, Now);

        Assert.Equal("t=1767225600,v1=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, "1767225600.{}"u8)), header);
        Assert.True(WebhookSignature.Verify("secret", body, header, Now.AddMinutes(4), Tolerance));
        Assert.False(WebhookSignature.Verify("secret", body, header, Now.AddMinutes(6), Tolerance));
        Assert.False(WebhookSignature.Verify("secret", body, header, Now.AddMinutes(-6), Tolerance));
        Assert.False(WebhookSignature.Verify("other", body, header, Now, Tolerance));
        Assert.False(WebhookSignature.Verify("secret", "{ }"u8, header, Now, Tolerance));
        Assert.False(WebhookSignature.Verify("secret", body, header.Replace("1767225600", "1767225601", StringComparison.Ordinal), Now, Tolerance));
        foreach (var wrong in (string?[])[null, "", "t=", "t=1,v1=00", "v1=" + new string('g', 64), "t=99999999999999999999999,v1=" + new string('0', 64)])
        {
            Assert.False(WebhookSignature.Verify("secret", body, wrong, Now, Tolerance));
        }
    }

    [Fact]
    public async Task A_delivery_is_repeated_until_it_is_taken_and_is_signed_and_masked()
    {
        var handler = new Receiver(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var services = Services(handler);

        await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Equal(2, handler.Bodies.Count);
        var (body, signature) = handler.Bodies[^1];
        Assert.True(WebhookSignature.Verify("secret", body, signature, TimeProvider.System.GetUtcNow(), Tolerance));
        var sent = JsonElement.Parse(body);
        Assert.Equal(Samples.Id(1), sent.GetProperty("incident_id").GetGuid());
        Assert.Equal("incident.opened", sent.GetProperty("type").GetString());
        var sentence = sent.GetProperty("findings")[0].GetProperty("sentence").GetString();
        Assert.DoesNotContain("jane.doe@example.com", sentence, StringComparison.Ordinal);
        Assert.Contains("[EMAIL_1]", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_of_a_webhook_is_in_no_line_of_the_log_however_much_is_logged()
    {
        using var log = new Groq.TestLog();
        await using var services = Services(new Receiver(HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadRequest), address: "http://receiver.test/services/HOOKPATHSECRET?token=t", log: log);

        await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains("HOOKPATHSECRET", StringComparison.Ordinal) || line.Text.Contains("token=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_delivery_is_not_repeated()
    {
        var handler = new Receiver(HttpStatusCode.BadRequest);
        await using var services = Services(handler);

        await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Single(handler.Bodies);
    }

    [Theory]
    [InlineData(200, "Delivered")]
    [InlineData(204, "Delivered")]
    [InlineData(299, "Delivered")]
    [InlineData(302, "Refused")]
    [InlineData(400, "Refused")]
    [InlineData(404, "Refused")]
    [InlineData(410, "Refused")]
    [InlineData(408, "Failed")]
    [InlineData(425, "Failed")]
    [InlineData(429, "Failed")]
    [InlineData(500, "Failed")]
    [InlineData(599, "Failed")]
    public async Task What_the_receiver_answers_says_whether_it_has_it_refuses_it_or_is_asked_again(int status, string outcome)
    {
        var handler = new Receiver((HttpStatusCode)status);
        await using var services = Services(handler, attempts: outcome == "Failed" ? 1 : 6);

        var delivery = await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Equal((outcome, status), (delivery.Outcome.ToString(), delivery.Status));
        Assert.Equal(outcome == "Delivered", delivery.Problem is null);
        Assert.Single(handler.Bodies);
    }

    [Fact]
    public async Task A_delivery_has_the_headers_and_members_that_are_documented()
    {
        var handler = new Receiver(HttpStatusCode.OK);
        await using var services = Services(handler);

        await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Equal("application/json", handler.ContentType);
        Assert.Equal(Samples.Id(1).ToString("D"), handler.Delivery);
        var sent = JsonElement.Parse(handler.Bodies.Single().Body);
        Assert.Equal(
            ["type", "incident_id", "order_id", "problem_type", "created_ts", "run_span_id", "findings"], sent.EnumerateObject().Select(member => member.Name));
        Assert.Equal("t:run", sent.GetProperty("run_span_id").GetString());
        Assert.Equal(
            ["problem_type", "sentence"], sent.GetProperty("findings").EnumerateArray().Single().EnumerateObject().Select(member => member.Name));
    }

    // The secret, the id, the time, the body and the signature of the specification's own example.
    [Fact]
    public void A_verifier_of_standard_webhooks_takes_the_signature()
    {
        const string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        using var request = new HttpRequestMessage();
        StandardWebhook.Sign(
            request, "msg_p5jXN8AQM9LWM0D4loKWxJek", secret, """{"test": 2432232314}"""u8, DateTimeOffset.FromUnixTimeSeconds(1614265330));

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", request.Headers.GetValues("webhook-signature").Single());
        Assert.Equal("1614265330", request.Headers.GetValues("webhook-timestamp").Single());
    }

    [Fact]
    public async Task A_delivery_has_the_headers_of_standard_webhooks_too()
    {
        var handler = new Receiver(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var services = Services(handler);

        await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Equal([Samples.Id(1).ToString("D"), Samples.Id(1).ToString("D")], handler.Standard.Select(headers => headers.Id));
        Assert.All(handler.Standard.Zip(handler.Bodies), pair => Assert.Equal(
            "v1," + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(
                "secret"u8, [.. System.Text.Encoding.UTF8.GetBytes($"{pair.First.Id}.{pair.First.Timestamp}."), .. pair.Second.Body])),
            pair.First.Signature));
    }

    [Fact]
    public async Task Without_an_address_nothing_is_sent()
    {
        var handler = new Receiver(HttpStatusCode.OK);
        await using var services = Services(handler, address: null);

        var delivery = await services.GetRequiredService<IncidentWebhook>().SendAsync(Detected(), TestContext.Current.CancellationToken);

        Assert.Equal((WebhookOutcome.None, 0), (delivery.Outcome, handler.Bodies.Count));
    }

    private static DetectedIncident Detected() => new(
        Samples.Incident(1), "t:run", [new IncidentFinding("agent_error", "It failed for jane.doe@example.com.")], Report: null);

    private static ServiceProvider Services(Receiver handler, int attempts = 6, string? address = "http://receiver.test/hook", Groq.TestLog? log = null)
    {
        var services = new ServiceCollection();
        if (log is not null)
        {
            services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        }

        services.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.WebhookUrl = address is null ? null : new Uri(address);
            options.WebhookSecret = "secret";
            options.WebhookAttempts = attempts;
        });
        services.AddHttpClient(IncidentWebhook.ClientName).ConfigurePrimaryHttpMessageHandler(() => handler);
        return services.BuildServiceProvider();
    }

    private sealed class Receiver(params HttpStatusCode[] answers) : HttpMessageHandler
    {
        public List<(byte[] Body, string? Signature)> Bodies { get; } = [];

        public List<(string Id, string Timestamp, string Signature)> Standard { get; } = [];

        public string? ContentType { get; private set; }

        public string? Delivery { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add((await request.Content!.ReadAsByteArrayAsync(cancellationToken), request.Headers.GetValues(WebhookSignature.HeaderName).Single()));
            Standard.Add((
                request.Headers.GetValues("webhook-id").Single(), request.Headers.GetValues("webhook-timestamp").Single(),
                request.Headers.GetValues("webhook-signature").Single()));
            ContentType = request.Content.Headers.ContentType?.ToString();
            Delivery = request.Headers.GetValues("AgentOps-Delivery").Single();
            return new HttpResponseMessage(answers[Math.Min(Bodies.Count, answers.Length) - 1]);
        }
    }
}
