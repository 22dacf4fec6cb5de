using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentOps.Rca.Redaction;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace AgentOps.Rca.Detection;

/// <summary>Sends detected incidents to the address in the options: signed, masked, and again when the receiver does not take it.</summary>
internal sealed partial class IncidentWebhook(
    IHttpClientFactory clients, IOptions<IncidentDetectionOptions> options, TimeProvider timeProvider, ILogger<IncidentWebhook> logger)
{
    public const string ClientName = "AgentOps.Rca.Webhook";

    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Sends the incident, again while the receiver cannot be reached or asks for it.</summary>
    public async ValueTask<WebhookDelivery> SendAsync(DetectedIncident detected, CancellationToken cancellationToken)
    {
        if (options.Value is not { WebhookUrl: { } url, WebhookSecret: { } secret } settings)
        {
            return new WebhookDelivery(WebhookOutcome.None);
        }

        var body = Write(detected);
        try
        {
            var status = await Pipeline(settings.WebhookAttempts).ExecuteAsync(
                async token => await PostAsync(url, secret, detected.Incident.Id, body, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (status is >= 200 and <= 299)
            {
                return new WebhookDelivery(WebhookOutcome.Delivered, status);
            }

            if (IsPassing(status))
            {
                LogPutOff(detected.Incident.Id, status);
                return new WebhookDelivery(WebhookOutcome.Failed, status, $"The receiver answered with {status}.");
            }

            LogRefused(detected.Incident.Id, status);
            return new WebhookDelivery(WebhookOutcome.Refused, status, $"The receiver refused it with {status}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or IOException)
        {
            LogFailed(detected.Incident.Id, exception);
            return new WebhookDelivery(WebhookOutcome.Failed, Problem: $"The receiver could not be reached ({exception.GetType().Name}).");
        }
    }

    private static bool IsPassing(int status) => status is 408 or 425 or 429 or >= 500;

    private ResiliencePipeline<int> Pipeline(int attempts)
    {
        var builder = new ResiliencePipelineBuilder<int> { TimeProvider = timeProvider };
        if (attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions<int>
            {
                MaxRetryAttempts = attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstWait,
                MaxDelay = LongestWait,
                ShouldHandle = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is HttpRequestException or TimeoutRejectedException or IOException
                    || IsPassing(arguments.Outcome.Result)),
            });
        }

        return builder.AddTimeout(AttemptLimit).Build();
    }

    // Signed anew each time: the time in the signature is that of the attempt.
    private async ValueTask<int> PostAsync(Uri url, string secret, Guid incidentId, byte[] body, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("AgentOps.Rca");
        request.Headers.Add("AgentOps-Delivery", incidentId.ToString("D"));
        var now = timeProvider.GetUtcNow();
        request.Headers.Add(WebhookSignature.HeaderName, WebhookSignature.Sign(secret, body, now));
        StandardWebhook.Sign(request, incidentId.ToString("D"), secret, body, now);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return (int)response.StatusCode;
    }

    private static byte[] Write(DetectedIncident detected)
    {
        var redactor = new Redactor([detected.Incident.Id.ToString("D"), detected.RunSpanId, detected.Report?.ReportDigest ?? ""]);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "incident.opened");
            json.WriteString("incident_id", detected.Incident.Id.ToString("D"));
            json.WriteString("order_id", redactor.Redact(detected.Incident.OrderId));
            json.WriteString("problem_type", detected.Incident.ProblemType);
            json.WriteString("created_ts", detected.Incident.CreatedTs.UtcDateTime);
            json.WriteString("run_span_id", detected.RunSpanId);
            json.WriteStartArray("findings");
            foreach (var finding in detected.Findings)
            {
                json.WriteStartObject();
                json.WriteString("problem_type", finding.ProblemType);
                json.WriteString("sentence", redactor.Redact(finding.Sentence));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (detected.Report is { } report)
            {
                json.WriteStartObject("report");
                json.WriteString("report_digest", report.ReportDigest);
                json.WriteString("verdict", Analysis.AnalysisSpan.WordOf(report.Verdict));
                json.WriteNumber("confidence", report.Confidence);
                json.WriteString("summary", redactor.Redact(report.Summary));
                json.WriteString("root_cause", report.RootCause is { } cause ? redactor.Redact(cause) : null);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    [LoggerMessage(1, LogLevel.Warning, "The webhook for incident {IncidentId} was refused with {Status}; it is not sent again.")]
    private partial void LogRefused(Guid incidentId, int status);

    [LoggerMessage(2, LogLevel.Warning, "The webhook for incident {IncidentId} could not be delivered; it is sent later.")]
    private partial void LogFailed(Guid incidentId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The webhook for incident {IncidentId} was answered with {Status}; it is sent later.")]
    private partial void LogPutOff(Guid incidentId, int status);
}
