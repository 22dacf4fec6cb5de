using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>A host on SQLite is killed (kill -9) while agents send spans with their content, which lies in the SQLite file and, where it is larger, in files.</summary>
public sealed class SqliteCrashTrial
{
    private const int SpansPerRequest = 40;

    [Fact(Timeout = 600_000)]
    public async Task Nothing_acknowledged_is_lost_and_every_span_has_its_content()
    {
        await using var host = await HostProcess.StartAsync();
        ConcurrentQueue<string> acknowledged = [];
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 3).Select(sender => Task.Run(() => SendAsync(host, sender, acknowledged, stop.Token))).ToArray();
        var crashes = Trial.Size(3, 20);
        for (var crash = 0; crash < crashes; crash++)
        {
            await Task.Delay(Random.Shared.Next(100, 900));
            host.Kill();
            await host.WaitForExitAsync();
            await host.StartAgainAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(senders);

        var digests = new Dictionary<string, (string? Args, string? Result)>(StringComparer.Ordinal);
        for (Uri? next = new("/traces/spans?tool=tool.call/book&limit=500", UriKind.Relative); next is not null;)
        {
            using var page = await host.Client.GetAsync(next);
            page.EnsureSuccessStatusCode();
            foreach (var span in JsonElement.Parse(await page.Content.ReadAsStringAsync()).EnumerateArray())
            {
                digests.Add(span.GetProperty("span_id").GetString()!, (span.GetProperty("args_digest").GetString(), span.GetProperty("result_digest").GetString()));
            }

            next = page.Headers.TryGetValues("Link", out var links) && links.FirstOrDefault(static link => link.Contains("rel=\"next\"", StringComparison.Ordinal)) is { } link
                ? new Uri(link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)], UriKind.RelativeOrAbsolute)
                : null;
        }

        Assert.NotEmpty(acknowledged);
        Assert.Empty(acknowledged.Except(digests.Keys));
        // Those that were not acknowledged, too.
        await HostCrashTrial.AssertServedAsync(host, digests.Values.SelectMany(static pair => new[] { pair.Args!, pair.Result! }).Distinct());
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(host.WorkingDirectory, "artifacts"), "*", SearchOption.AllDirectories));
        Trial.Report(
            "Host on SQLite killed while spans with content arrive",
            $"{crashes} crashes; {acknowledged.Count} spans acknowledged, 0 lost; {digests.Count} spans stored, each with its content");
    }

    private static async Task SendAsync(HostProcess host, int sender, ConcurrentQueue<string> acknowledged, CancellationToken stop)
    {
        for (var request = 0; !stop.IsCancellationRequested; request++)
        {
            var trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
            var body = Request(trace, number: (sender * 100_000) + request);
            try
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var reply = await host.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, CancellationToken.None);
                if (reply.IsSuccessStatusCode)
                {
                    Assert.Equal("{}", (await reply.Content.ReadAsStringAsync(CancellationToken.None)).Trim());
                    for (var span = 0; span < SpansPerRequest; span++)
                    {
                        acknowledged.Enqueue($"{trace}:{SpanId(span)}");
                    }
                }
            }
            catch (HttpRequestException)
            {
                // The host is down; what was sent is not acknowledged.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static string SpanId(int span) => (span + 1).ToString("x16", CultureInfo.InvariantCulture);

    private static byte[] Request(string trace, int number) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceSpans = new[]
        {
            new
            {
                scopeSpans = new[]
                {
                    new
                    {
                        spans = Enumerable.Range(0, SpansPerRequest).Select(span => new
                        {
                            traceId = trace,
                            spanId = SpanId(span),
                            name = "execute_tool book",
                            startTimeUnixNano = "1767225600000000000",
                            endTimeUnixNano = "1767225600050000000",
                            attributes = new[]
                            {
                                Attribute("gen_ai.operation.name", "execute_tool"),
                                Attribute("gen_ai.tool.name", "book"),
                                Attribute("gen_ai.tool.call.arguments", $$"""{"order":{{number}},"item":{{span % 10}}}"""),
                                // Now and then one that is larger than what lies in the file.
                                Attribute("gen_ai.tool.call.result", $"{trace} {new string('x', span == 7 ? 100_000 : span)}"),
                            },
                        }),
                    },
                },
            },
        },
    });

    private static object Attribute(string key, string value) => new { key, value = new { stringValue = value } };
}
