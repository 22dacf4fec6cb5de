using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

/// <summary>
/// Reads the whole reply inside the retries, so that a reset or a stall in the middle of a body counts as a failed attempt, and
/// bounds its size. A stream's body is bounded too, but left to its reader.
/// </summary>
internal sealed class GroqReplyHandler(IOptions<GroqOptions> options, TimeProvider timeProvider) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            var limits = options.Value;
            if (reply.Content.Headers.ContentLength > limits.MaxReplyBytes)
            {
                throw GuardedReplyStream.TooLarge(limits.MaxReplyBytes);
            }

            var body = new GuardedReplyStream(
                await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), limits.MaxReplyBytes, limits.AttemptTimeout, timeProvider);
            if (IsStream(request, reply))
            {
                reply.Content = WithHeaders(new StreamContent(body), reply.Content.Headers);
                return reply;
            }

            await using (body.ConfigureAwait(false))
            {
                using var bytes = new MemoryStream();
                await body.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
                reply.Content = WithHeaders(new ByteArrayContent(bytes.ToArray()), reply.Content.Headers);
                return reply;
            }
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }

    private static bool IsStream(HttpRequestMessage request, HttpResponseMessage reply) =>
        request.Options.TryGetValue(GroqConstants.Streaming, out var streaming) && streaming && reply.IsSuccessStatusCode
        && reply.Content.Headers.ContentType?.MediaType == GroqConstants.EventStream;

    private static HttpContent WithHeaders(HttpContent content, HttpContentHeaders headers)
    {
        content.Headers.ContentType = headers.ContentType;
        return content;
    }
}
