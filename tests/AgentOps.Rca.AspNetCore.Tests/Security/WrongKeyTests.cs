using System.Text.Json;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Testing.Tenants;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>Every endpoint that needs a key, by every method, in many spellings of its path and with many things that are no key, is shut.</summary>
public sealed class WrongKeyTests
{
    private const int AtLeast = 2_560;

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get"];

    private static readonly Func<string, string>[] Spellings =
    [
        static path => path, static path => path.ToUpperInvariant(), static path => "/" + path, static path => "/." + path, static path => "/x/.." + path, static path => path + "/",
        static path => path + "%00", static path => "/" + path[1..].Replace("/", "%2f", StringComparison.Ordinal), static path => path.Replace("i", "%69", StringComparison.Ordinal),
        static path => path + ";a=b", static path => path + ".json", static path => "/" + path[1..].Replace('/', '\\'),
    ];

    [Fact]
    public async Task No_way_to_write_a_request_gets_past_a_key_that_is_missing_or_wrong()
    {
        var line = CallerKey.Create("ann", [CallerScopes.Admin], null, out var secret);
        var over = CallerKey.Create("over", [CallerScopes.Admin], new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), out var overSecret);
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{line}\n{over}"));
        using var client = new HttpClient(new KeyUnlessSession(secret)) { BaseAddress = host.Address };
        var owner = new TenantSide(client, "ownedonly", secret);
        await owner.FillAsync(TestContext.Current.CancellationToken);
        (string Name, string Value)?[] headers =
        [
            null, ("X-Api-Key", ""), ("X-Api-Key", secret.ToUpperInvariant()), ("X-Api-Key", secret[..^1]), ("X-Api-Key", overSecret), ("Authorization", $"Bearer {secret[..^1]}"),
            ("Authorization", $"Basic {secret}"), ("Authorization", secret), ("Cookie", $"agentops_rca={secret}"),
        ];
        var paths = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToLookup(static endpoint => endpoint.RoutePattern.RawText)
            .Where(static place => place.All(static endpoint => endpoint.Metadata.GetMetadata<OpenEndpoint>() is null)).Select(static place => place.First())
            .Select(endpoint => endpoint.RoutePattern.RawText!
                .Replace("{id}", owner.Incidents[1], StringComparison.Ordinal).Replace("{digest}", owner.Digests[0], StringComparison.Ordinal).Replace("{evidence_id}", "E1", StringComparison.Ordinal))
            .Where(static path => !path.Contains('{', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        Dictionary<int, int> statuses = [];
        var sent = 0;
        foreach (var path in paths)
        {
            foreach (var method in Methods)
            {
                foreach (var spelling in Spellings)
                {
                    // Each way to be wrong meets each endpoint, method and spelling; a product of all four would only take longer.
                    var header = headers[sent++ % headers.Length];
                    using var request = new HttpRequestMessage(
                        new HttpMethod(method), new Uri(host.Address.GetLeftPart(UriPartial.Authority) + spelling(path) + $"?key={secret}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
                    if (header is var (name, value))
                    {
                        request.Headers.TryAddWithoutValidation(name, value);
                    }

                    using var answer = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
                    var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    Assert.True((int)answer.StatusCode is >= 400 and < 500 or 501, $"{method} {spelling(path)} with {header} was answered with {answer.StatusCode}.");
                    Assert.DoesNotContain(owner.Mark, text, StringComparison.OrdinalIgnoreCase);
                    statuses[(int)answer.StatusCode] = statuses.GetValueOrDefault((int)answer.StatusCode) + 1;
                }
            }
        }

        Assert.True(statuses.GetValueOrDefault(401) >= AtLeast / 4 && sent >= AtLeast, string.Join(", ", statuses.OrderBy(static pair => pair.Key)));

        // And nothing was changed by any of them.
        var listed = JsonElement.Parse(await client.GetStringAsync(new Uri("/incidents?limit=all", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(owner.Incidents.Count, listed.GetArrayLength());
    }
}
