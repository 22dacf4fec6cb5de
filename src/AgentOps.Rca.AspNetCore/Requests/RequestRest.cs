using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>
/// What is left of a body whose request was answered early. Most clients read the answer once they have sent all; a connection that is closed before is reset, and the answer
/// lost with it. Kestrel reads on for five seconds, in which a large body over a slow or busy line does not arrive.
/// </summary>
internal static class RequestRest
{
    private const long MostBytes = 64 * 1024 * 1024;
    private const long Unhurried = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What nobody wants must not take the processors from what somebody waits for: of all these bodies one piece is read at a time, with a pause after it.
    // Each that is read as fast as it comes keeps a thread busy, and everything else waits behind all of them.
    private static readonly SemaphoreSlim Turn = new(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends the answer, then reads what is left and throws it away. What goes wrong meanwhile is the server's to see.</summary>
    public static async ValueTask DrainAsync(this HttpContext context)
    {
        // Newer versions of HTTP end the request alone. Who asks whether to send has sent nothing.
        if (context.Response.StatusCode < StatusCodes.Status400BadRequest
            || !(HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
            || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
            || context.Request.Headers.ContainsKey(HeaderNames.Expect)
            || context.Request.ContentLength > MostBytes
            || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            await context.Response.CompleteAsync().ConfigureAwait(false);
            var bytes = 0L;
            for (ReadResult read = default; !read.IsCompleted && !read.IsCanceled && bytes <= MostBytes;)
            {
                read = await context.Request.BodyReader.ReadAsync(patience.Token).ConfigureAwait(false);
                bytes += read.Buffer.Length;
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (bytes > Unhurried && !read.IsCompleted)
                {
                    await PauseAsync(patience.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidOperationException)
        {
            // A body that is too large, too slow or cut, or a client that has left.
        }
    }

    private static async ValueTask PauseAsync(CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }
}
