using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Analysis;

/// <summary>
/// An analysis as server-sent events: each step by the name of its stage (<see cref="RcaStages"/>), then <c>report</c> with the report
/// itself, or <c>error</c> with a problem. What fails at once, before the first step, is an ordinary problem with its own status. The caller hanging up stops the analysis.
/// </summary>
internal sealed partial class AnalysisEventStream(
    IRcaAnalyzer analyzer, RcaRequest request, TimeProvider timeProvider, ILogger<RcaAnalyzer> logger) : IResult
{
    // Proxies cut connections on which nothing moves; most wait a minute. A comment keeps them open and is no event to the caller; the framework's own
    // server-sent events (TypedResults.ServerSentEvents) know none, and begin to answer before it is known whether the analysis is refused.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var cancellationToken = httpContext.RequestAborted;
        var steps = Channel.CreateUnbounded<RcaProgress>();
        var analysis = AnalyzeAsync(steps.Writer, cancellationToken);
        if (await IsRefusedAsync(steps.Reader, analysis, cancellationToken).ConfigureAwait(false))
        {
            await AnalysisEndpoints.Explain(await analysis.ConfigureAwait(false)).ExecuteAsync(httpContext).ConfigureAwait(false);
            return;
        }

        var response = httpContext.Response;
        response.ContentType = MediaTypes.EventStream;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (await WaitAsync(steps.Reader, response, cancellationToken).ConfigureAwait(false))
        {
            while (steps.Reader.TryRead(out var step))
            {
                // That the report is stored is said by the report, which follows.
                if (step.Stage is not (RcaStages.Report or RcaStages.Error))
                {
                    await SendAsync(response, step.Stage, FormOf(step), cancellationToken).ConfigureAwait(false);
                }
            }
        }

        await SendOutcomeAsync(response, analysis, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RcaOutcome> AnalyzeAsync(ChannelWriter<RcaProgress> steps, CancellationToken cancellationToken)
    {
        // An engine may work for long before it first waits; the caller is told meanwhile.
        await Task.Yield();
        try
        {
            return await analyzer.AnalyzeAsync(request, new ChannelProgress(steps), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            steps.Complete();
        }
    }

    // Loading a large case takes its time before the first step; after a while the stream begins without one.
    private async ValueTask<bool> IsRefusedAsync(ChannelReader<RcaProgress> steps, Task<RcaOutcome> analysis, CancellationToken cancellationToken)
    {
        try
        {
            return !await steps.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(Patience, timeProvider, cancellationToken).ConfigureAwait(false)
                && await analysis.ConfigureAwait(false) is not RcaOutcome.Completed;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async ValueTask<bool> WaitAsync(ChannelReader<RcaProgress> steps, HttpResponse response, CancellationToken cancellationToken)
    {
        var next = steps.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            try
            {
                return await next.WaitAsync(Heartbeat, timeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await response.Body.WriteAsync(": still working\n\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
                await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendOutcomeAsync(HttpResponse response, Task<RcaOutcome> analysis, CancellationToken cancellationToken)
    {
        try
        {
            if (await analysis.ConfigureAwait(false) is RcaOutcome.Completed completed)
            {
                await SendAsync(response, RcaStages.Report, ReportForm.ToUtf8(completed.Report), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await SendAsync(response, RcaStages.Error, AnalysisEndpoints.Explain(await analysis.ConfigureAwait(false)).ToUtf8(), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (ExceptionProblems.TryFind(exception, out var problem))
        {
            await SendAsync(response, RcaStages.Error, problem.ToUtf8(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The status is sent and says 200: without an event, who reads the stream would only see it end.
            LogFailed(logger, exception);
            var problem = new ApiProblem(ProblemKind.AnalysisFailed, "The engine failed; the host's log has the reason.");
            await SendAsync(response, RcaStages.Error, problem.ToUtf8(), cancellationToken).ConfigureAwait(false);
        }
    }

    // The data is one line: JSON as we write it holds no line ends.
    private static async Task SendAsync(HttpResponse response, string name, byte[] data, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync((byte[])[.. "event: "u8, .. Encoding.UTF8.GetBytes(name), .. "\ndata: "u8, .. data, .. "\n\n"u8], cancellationToken).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static byte[] FormOf(RcaProgress step)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("stage", step.Stage);
            json.WriteString("message", step.Message);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    [LoggerMessage(LogLevel.Error, "An analysis failed whose progress was being told.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    // Progress<T> posts to a thread pool and loses the order.
    private sealed class ChannelProgress(ChannelWriter<RcaProgress> steps) : IProgress<RcaProgress>
    {
        public void Report(RcaProgress value) => steps.TryWrite(value);
    }
}
