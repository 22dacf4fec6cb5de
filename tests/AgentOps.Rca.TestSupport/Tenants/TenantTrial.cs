using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>
/// Two tenants of one host who send each other's ids, cursors and bundles to every endpoint of its description and every tool, resource and prompt of its MCP
/// server, by key and in a session of the page. Whatever comes back, and whatever is stored, must hold no word of the other.
/// </summary>
public sealed partial class TenantTrial(TenantSide left, TenantSide right, IReadOnlyList<TenantDoor> doors, string api = "", string? mcp = null)
{
    private bool _keysDiffer;

    /// <summary>How many requests there are: some for each door in the suite, 10,000 where all is run.</summary>
    public static int Count => Environment.GetEnvironmentVariable("AGENTOPS_FULL") is "1" ? 10_000 : 1_200;

    /// <summary>Sends them, and holds that each door was opened.</summary>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <param name="count">How many.</param>
    /// <param name="where">Which host, for the record of long trials.</param>
    /// <param name="isShut">Doors that nobody gets through on this host; others that nobody got through fail the trial, since it shows nothing of them.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task RunAsync(int seed, int count, string where, Func<TenantDoor, bool> isShut, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        _keysDiffer = await left.Client.GetStringAsync(new Uri($"{api}/bundles/public-key", UriKind.Relative), cancellationToken)
            != await right.Client.GetStringAsync(new Uri($"{api}/bundles/public-key", UriKind.Relative), cancellationToken);
        Dictionary<TenantDoor, int> opened = [];
        Dictionary<TenantDoor, string> refused = [];
        for (var n = 0; n < count;)
        {
            // Both at once, too: what is shared while it is worked on is shared with the right ones only.
            var door = doors[n % doors.Count];
            var sides = ((TenantSide, TenantSide)[])[(left, right), (right, left)];
            random.Shuffle(sides);
            var answers = await Task.WhenAll(sides.Take(random.Next(3) == 0 ? 2 : 1).Select(sides => AskAsync(random, door, sides.Item1, sides.Item2, $"{n} (seed {seed})", cancellationToken)));
            n += answers.Length;
            foreach (var answer in answers)
            {
                if (!answer.Succeeded)
                {
                    refused[door] = $"{answer.Said}: {answer.Text}";
                    continue;
                }

                opened[door] = opened.GetValueOrDefault(door) + 1;
                await LearnAsync(answer.Own, door, answer.Text, cancellationToken);
            }
        }

        await AssertApartAsync(cancellationToken);
        var untried = doors.Where(door => !opened.ContainsKey(door) && !isShut(door)).ToList();
        Assert.True(untried.Count == 0, $"No request to these succeeded, so that nothing is shown of them: {string.Join('\n', untried.Select(door => $"{door}, last {refused.GetValueOrDefault(door)}"))}");
        if (Environment.GetEnvironmentVariable("AGENTOPS_TRIALS") is { Length: > 0 } file)
        {
            var tools = doors.Count(static door => door.Method == TenantMcp.Method);
            await File.AppendAllTextAsync(
                file,
                $"| Two tenants, {where} | {count} requests to {doors.Count - tools} endpoints{(tools == 0 ? "" : $" and {tools} tools, resources and prompts of MCP")}, {opened.Values.Sum()} of them successful, each door among them: 0 leaks |\n",
                cancellationToken);
        }
    }

    private async Task<(TenantSide Own, bool Succeeded, string Said, string Text)> AskAsync(
        Random random, TenantDoor door, TenantSide own, TenantSide other, string place, CancellationToken cancellationToken)
    {
        using var request = new TenantRequests(random, own, other, api, mcp).Make(door);
        var body = request.Message.Content is { } content && door.Pattern is not ("/bundles/verify" or "/bundles/import") ? await content.ReadAsStringAsync(cancellationToken) : "";
        var said = $"{place}: {request.Message.Method} {request.Message.RequestUri} {body} as {own.Mark}";
        using var answer = await own.Client.SendAsync(request.Message, cancellationToken);
        var text = await ReadAsync(answer, cancellationToken);
        Assert.True((int)answer.StatusCode < 500 || answer.StatusCode == System.Net.HttpStatusCode.NotImplemented, $"{said} was answered with {answer.StatusCode}: {text}");
        Assert.False(!request.SendsForeignWords && Holds($"{text}\n{answer.Headers}{answer.Content.Headers}", other.Mark), $"{said} was answered with what is {other.Mark}'s: {text}");
        var succeeded = answer.IsSuccessStatusCode && (door.Method != TenantMcp.Method || TenantMcp.Succeeded(text));
        Assert.False(succeeded && request.ForeignPath is not null, $"{said} found {request.ForeignPath}, which is {other.Mark}'s: {text}");
        Assert.All(
            succeeded && door.Pattern == "/traces/spans" ? request.ForeignDigests : [],
            digest => Assert.True(text.Contains(digest, StringComparison.Ordinal), $"{said}: {digest} was resolved, and is {other.Mark}'s: {text}"));
        if (succeeded && _keysDiffer && door.Pattern is "/bundles/verify" or "tools/verify_bundle")
        {
            // Each trusts its own key.
            Assert.True(Valid().Match(text).Groups[1].Value == (request.SendsForeignWords ? "false" : "true"), $"{said}: {text}");
        }

        return (own, succeeded, said, text);
    }

    // Looks through all that each has.
    private async Task AssertApartAsync(CancellationToken cancellationToken)
    {
        foreach (var (own, other) in ((TenantSide, TenantSide)[])[(left, right), (right, left)])
        {
            var seen = new StringBuilder();
            foreach (var path in (string[])["/incidents?limit=all", "/incidents?view=overview&limit=500", "/traces/spans?limit=1000", "/audit?limit=500", "/rca/patterns?min_count=1", .. own.Incidents.Select(id => $"/incidents/{id}/full")])
            {
                seen.Append(await own.Client.GetStringAsync(new Uri(api + path, UriKind.Relative), cancellationToken));
            }

            Assert.Contains(own.Mark, seen.ToString(), StringComparison.Ordinal);
            Assert.False(Holds(seen.ToString(), other.Mark), $"What {own.Mark} has holds words of {other.Mark}.");
            foreach (var digest in (IEnumerable<string>)[.. other.Digests, .. other.Reports.Values])
            {
                using var content = await own.Client.GetAsync(new Uri($"{api}/artifacts/{digest}/content", UriKind.Relative), cancellationToken);
                Assert.Equal(System.Net.HttpStatusCode.NotFound, content.StatusCode);
            }
        }
    }

    // What a successful request has made is asked for from then on.
    private static async Task LearnAsync(TenantSide own, TenantDoor door, string text, CancellationToken cancellationToken)
    {
        switch (door)
        {
            case { Method: "POST", Pattern: "/incidents" }:
                own.AddIncident(JsonElement.Parse(text).GetProperty("id").GetString()!);
                break;
            case { Pattern: "/rca/analyze" or "tools/analyze" } when ReportDigest().Match(text) is { Success: true } report:
                own.Reports[IncidentId().Match(text).Groups[1].Value] = report.Groups[1].Value;
                break;
            case { Method: "DELETE", Pattern: "/rca/session" }:
                await own.SignInAsync(cancellationToken);
                break;
        }
    }

    // The words of an answer, what is packed in it among them.
    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType != "application/zip")
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder();
        await using var archive = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(cancellationToken));
            text.Append(entry.FullName).Append('\n').Append(await reader.ReadToEndAsync(cancellationToken)).Append('\n');
        }

        return text.ToString();
    }

    // As it is, or in base64 at any of its three places.
    private static bool Holds(string text, string mark) =>
        text.Contains(mark, StringComparison.OrdinalIgnoreCase)
        || Enumerable.Range(0, 3).Any(place =>
        {
            var packed = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('.', place) + mark));
            return text.Contains(packed[(place == 0 ? 0 : 4)..((place + mark.Length) % 3 == 0 ? packed.Length : packed.Length - 4)], StringComparison.Ordinal);
        });

    [GeneratedRegex("""\\?"valid\\?":(true|false)""")]
    private static partial Regex Valid();

    // An answer of MCP has them within a text, too.
    [GeneratedRegex("""\\?"report_digest\\?":\\?"([0-9a-f]{64})""")]
    private static partial Regex ReportDigest();

    [GeneratedRegex("""\\?"incident_id\\?":\\?"([0-9a-f-]{36})""")]
    private static partial Regex IncidentId();
}
