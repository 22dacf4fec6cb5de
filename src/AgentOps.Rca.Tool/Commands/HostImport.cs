using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;

namespace AgentOps.Rca.Tool.Commands;

/// <summary>Sends a trace file to a host, and says in sentences what came of it.</summary>
/// <param name="host">The address of its API.</param>
/// <param name="key">The key that it asks for, or null.</param>
/// <param name="patience">How long it may neither take more of the file nor answer.</param>
/// <param name="perRun">Whether each run of the file gets an incident.</param>
internal sealed class HostImport(Uri host, string? key, TimeSpan patience, bool perRun)
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    private string Address => Plain.Line(host.GetLeftPart(UriPartial.Path).TrimEnd('/'));

    public async Task<int> SendAsync(string name, CancellationToken cancellationToken)
    {
        var file = FileOpener.Open(name);
        await using var fileDisposal = file.ConfigureAwait(false);
        using var progress = new ProgressLine(isWanted: true) { File = name == "-" ? "the standard input" : Plain.Line(name) };
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        idle.CancelAfter(patience);
        using var content = new SentFile(file, sent =>
        {
            idle.CancelAfter(patience);
            progress.Sent(sent);
        });
        try
        {
            var answer = await PostAsync(content, idle.Token).ConfigureAwait(false);
            progress.Dispose();
            if ((int)answer.Status is < 200 or > 299)
            {
                throw new ToolException(Say(answer));
            }

            await Console.Out.WriteLineAsync(answer.Text).ConfigureAwait(false);
            Tell(answer.Text);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(string.Create(
                CultureInfo.InvariantCulture, $"{Address} took nothing and answered nothing for {patience.TotalSeconds:0.#} s. What it may have stored is known when the file is sent again; --timeout waits longer."));
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            await Console.Error.WriteLineAsync($"Interrupted. {Address} keeps what it had stored by then; sending the file again completes it.").ConfigureAwait(false);
            throw;
        }
        catch (HttpRequestException failure)
        {
            throw new ToolException(Say(failure));
        }
    }

    private async Task<Answer> PostAsync(SentFile content, CancellationToken cancellationToken)
    {
        // A redirect would send the key to whoever it names, and the file is not read twice.
        using var handler = new SocketsHttpHandler { ConnectTimeout = ConnectPatience < patience ? ConnectPatience : patience, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{host.GetLeftPart(UriPartial.Path).TrimEnd('/')}/imports{(perRun ? "?incident_per_run=true" : "")}")) { Content = content };
        if (key is not null && !request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}"))
        {
            throw new ToolException("--api-key is no key that can be sent.");
        }

        // A host that refuses says so before the file is on its way.
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return new Answer(answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false), answer.Headers.RetryAfter?.Delta, answer.Headers.Location);
    }

    private static void Tell(string text)
    {
        try
        {
            var answer = JsonElement.Parse(text);
            var spans = answer.GetProperty("spans");
            // A host from before there could be several does not name them.
            var count = answer.TryGetProperty("incidents", out var incidents) ? incidents.GetArrayLength() : 1;
            var which = $"incident {Plain.Line(answer.GetProperty("incident_id").ToString())}{(answer.GetProperty("created").GetBoolean() ? " is new" : "")}";
            Terminal.Error.Text(string.Create(
                CultureInfo.InvariantCulture,
                $"{spans.GetProperty("added").GetInt64()} spans are new, {spans.GetProperty("known").GetInt64()} were there, {spans.GetProperty("refused").GetInt64()} were refused; {(count == 1 ? "" : $"{count} incidents, the first: ")}{which}."));
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ToolException("What answered is no host of AgentOps.Rca, or a newer one: its answer is not understood.");
        }
    }

    private string Say(Answer answer)
    {
        var (status, again) = (answer.Status, answer.RetryAfter is { } delay ? $"in {Math.Ceiling(delay.TotalSeconds):0} s" : "later");
        var said = Detail(answer.Text) is { Length: > 0 } detail ? $" It says: {detail}" : "";
        var sentence = status switch
        {
            HttpStatusCode.Unauthorized => key is null ? "asks for a key; --api-key sends one." : "does not know this key, or it has ended.",
            HttpStatusCode.Forbidden => "does not let this key take files in; it needs the scope ingest.",
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => "takes no files in there: it is no host of AgentOps.Rca, or its API is below another path.",
            HttpStatusCode.RequestEntityTooLarge => "takes no file of this size; import it into its database, or raise AgentOpsRca:Http:MaxImportBytes there.",
            HttpStatusCode.TooManyRequests => $"takes no more at the moment; send the file again {again}.",
            HttpStatusCode.ServiceUnavailable => $"has too much to do, or cannot reach its store, at the moment; send the file again {again}.",
            HttpStatusCode.MisdirectedRequest => "does not answer under this name, since it has no key.",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => $"sends callers to {(answer.Location is { } other ? Plain.Line(Api(other)) : "another address")}; give that one.",
            >= HttpStatusCode.InternalServerError => "failed.",
            _ => "refused the file.",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Address} {sentence} ({(int)status}){said}");
    }

    // The address of the API, which is what is given.
    private string Api(Uri other)
    {
        const string imports = "/imports";
        var path = new Uri(host, other).GetLeftPart(UriPartial.Path);
        return path.EndsWith(imports, StringComparison.Ordinal) ? path[..^imports.Length] : path;
    }

    private string Say(HttpRequestException failure) => failure switch
    {
        { HttpRequestError: HttpRequestError.NameResolutionError } => $"There is no machine of the name {Plain.Line(host.Host)}.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => $"{Address} cannot be reached safely: {Plain.Line(failure.InnerException?.Message ?? failure.Message)}",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => $"Nothing listens at {Address}.",
        _ => $"{Address} cannot be reached: {Plain.Line(failure.Message)}",
    };

    // What a problem says, or else its bare text when that is no page.
    private static string Detail(string text)
    {
        try
        {
            var problem = JsonElement.Parse(text);
            return problem.ValueKind == JsonValueKind.Object
                && (problem.TryGetProperty("detail", out var said) || problem.TryGetProperty("title", out said)) && said.ValueKind == JsonValueKind.String
                ? Plain.Line(said.GetString()!, 1_000) : "";
        }
        catch (JsonException)
        {
            return text.AsSpan().TrimStart().StartsWith('<') ? "" : Plain.Line(text, 300);
        }
    }

    /// <summary>What the host answered.</summary>
    private sealed record Answer(HttpStatusCode Status, string Text, TimeSpan? RetryAfter, Uri? Location);

    /// <summary>The file as the body of a request; tells how much of it is on its way.</summary>
    private sealed class SentFile : HttpContent
    {
        private const int ChunkBytes = 64 * 1024;
        private readonly Stream _file;
        private readonly Action<long> _sent;

        public SentFile(Stream file, Action<long> sent)
        {
            (_file, _sent) = (file, sent);
            Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) => await SerializeToStreamAsync(stream, context, default).ConfigureAwait(false);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var buffer = new byte[ChunkBytes];
            var sent = 0L;
            for (int read; (read = await _file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                _sent(sent += read);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _file.CanSeek ? _file.Length - _file.Position : 0;
            return _file.CanSeek;
        }
    }
}
