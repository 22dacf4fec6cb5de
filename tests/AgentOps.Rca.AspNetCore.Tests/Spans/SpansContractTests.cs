using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Spans;

public sealed class InMemorySpansContractTests(InMemoryStoreBackend backend) : SpansContractTests<InMemoryStoreBackend>(backend);

public abstract class SpansContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string A = """{"span_id":"a","tool":"tool.call/x","start_ts":1,"end_ts":2}""";
    private const string B = """{"span_id":"b","parent_id":"a","tool":"llm.call/y","start_ts":2,"end_ts":3,"attributes":{"k":[1,{"x":null}]}}""";

    [Theory]
    [InlineData("application/json", $"[{A},{B}]")]
    [InlineData("application/json; charset=utf-8", $" [ {A} ,\r\n {B} ] \n")]
    [InlineData("application/json", $$"""{"spans":[{{A}},{{B}}]}""")]
    [InlineData("application/json", $$"""{"source":{"sdk":"1"},"spans":[{{A}},{{B}}],"after":[1,2],"more":"x"}""")]
    [InlineData("application/x-ndjson", $"{A}\n{B}\n")]
    [InlineData("application/x-ndjson", $"{A}\r\n\r\n{B}")]
    [InlineData("application/jsonl", $"{A}\n{B}\n")]
    [InlineData("application/json", $"{A}\n{B}\n")]
    [InlineData("application/json", $"\uFEFF[{A},{B}]")]
    public async Task Every_form_of_spans_is_taken(string type, string body)
    {
        using var response = await PostAsync("/traces/spans", Encoding.UTF8.GetBytes(body), type);

        var answer = await ReadAsync(response, 200);
        Assert.Equal("""{"status":"ok","accepted":2,"duplicates":0,"unresolved_digests":[]}""", answer.GetRawText());
        var spans = await GetJsonAsync("/traces/spans");
        Assert.Equal("a", spans[0].GetProperty("span_id").GetString());
        Assert.Equal("a", spans[1].GetProperty("parent_id").GetString());
        Assert.Equal("""{"k":[1,{"x":null}]}""", spans[1].GetProperty("attributes").GetRawText());
    }

    [Fact]
    public async Task The_longest_texts_that_are_allowed_fit_into_every_backend()
    {
        var random = new Random(1);
        string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('à' + random.Next(24))));
        var (id, tool, parent, incident) = (Text(256), Text(256), Text(256), Text(100));

        using var response = await PostJsonAsync(
            "/traces/spans",
            $$"""{"span_id":"{{id}}","tool":"{{tool}}","parent_id":"{{parent}}","incident_id":"{{incident}}","start_ts":1,"end_ts":2}""");

        Assert.Equal(1, (await ReadAsync(response, 200)).GetProperty("accepted").GetInt64());
        var spans = await GetJsonAsync($"/traces/spans?incident_id={Uri.EscapeDataString(incident)}");
        Assert.Equal(id, Assert.Single(spans.EnumerateArray()).GetProperty("span_id").GetString());
    }

    [Fact]
    public async Task One_span_alone_is_taken_and_an_empty_array_too()
    {
        using var one = await PostJsonAsync("/traces/spans", A);
        using var none = await PostJsonAsync("/traces/spans", "[]");
        using var wrapped = await PostJsonAsync("/traces/spans", """{"spans":[]}""");

        Assert.Equal(1, (await ReadAsync(one, 200)).GetProperty("accepted").GetInt64());
        Assert.Equal(0, (await ReadAsync(none, 200)).GetProperty("accepted").GetInt64());
        Assert.Equal(0, (await ReadAsync(wrapped, 200)).GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task Members_that_are_not_known_are_kept_under_attributes()
    {
        using var response = await PostJsonAsync(
            "/traces/spans",
            """[{"span_id":"a","tool":"t","start_ts":1,"end_ts":2,"status":"error","attributes":{"n":1,"status":"error"},"events":[{"name":"x"}]}]""");
        await ReadAsync(response, 200);

        var attributes = (await GetJsonAsync("/traces/spans"))[0].GetProperty("attributes");

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"n":1,"status":"error","events":[{"name":"x"}]}"""), attributes), attributes.GetRawText());
    }

    [Fact]
    public async Task The_same_spans_again_are_duplicates_and_others_under_their_ids_conflict_while_the_rest_is_stored()
    {
        using var first = await PostJsonAsync("/traces/spans", $"[{A}]");
        using var again = await PostJsonAsync("/traces/spans", $"[{A},{A}]");
        using var other = await PostJsonAsync("/traces/spans", $"[{A.Replace("tool.call/x", "tool.call/z", StringComparison.Ordinal)},{B}]");

        Assert.Equal(1, (await ReadAsync(first, 200)).GetProperty("accepted").GetInt64());
        Assert.Equal(2, (await ReadAsync(again, 200)).GetProperty("duplicates").GetInt64());
        var problem = await ReadProblemAsync(other, 409, "conflict");
        Assert.Equal("a", Assert.Single(problem.GetProperty("conflicts").EnumerateArray()).GetString());
        Assert.Equal(1, problem.GetProperty("accepted").GetInt64());
        Assert.Equal(["tool.call/x", "llm.call/y"], (await GetJsonAsync("/traces/spans")).EnumerateArray().Select(span => span.GetProperty("tool").GetString()));
    }

    [Fact]
    public async Task Digests_without_an_artifact_are_named_once_each()
    {
        using var stored = await PostAsync("/artifacts", "known"u8.ToArray(), "text/plain");
        var known = (await ReadAsync(stored, 201)).GetProperty("digest").GetString();
        var zeros = new string('0', 64);
        var ones = new string('1', 64);
        using var response = await PostJsonAsync(
            "/traces/spans",
            $$"""[{"span_id":"a","tool":"t","start_ts":1,"end_ts":2,"args_digest":"{{known}}","result_digest":"{{ones}}"},{"span_id":"b","tool":"t","start_ts":1,"end_ts":2,"args_digest":"sha256:{{zeros}}","result_digest":"{{ones}}"}]""");

        var answer = await ReadAsync(response, 200);
        Assert.Equal([zeros, ones], answer.GetProperty("unresolved_digests").EnumerateArray().Select(digest => digest.GetString()));
        Assert.False(answer.TryGetProperty("unresolved_digests_cut", out _));
        Assert.Equal(zeros, (await GetJsonAsync("/traces/spans"))[1].GetProperty("args_digest").GetString());
    }

    [Fact]
    public async Task More_unresolved_digests_than_are_named_are_said_to_be_cut()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 1_200)
            .Select(i => $$"""{"span_id":"s{{i}}","tool":"t","start_ts":{{i}},"end_ts":{{i}},"args_digest":"{{i:x64}}"}"""));
        using var response = await PostAsync("/traces/spans", Encoding.UTF8.GetBytes(lines), "application/x-ndjson");

        var answer = await ReadAsync(response, 200);
        Assert.Equal(1_000, answer.GetProperty("unresolved_digests").GetArrayLength());
        Assert.True(answer.GetProperty("unresolved_digests_cut").GetBoolean());
        Assert.Equal(1_200, answer.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task What_stands_before_a_mistake_is_stored_and_counted_and_the_place_is_named()
    {
        var lines = string.Join(
            '\n',
            Enumerable.Range(0, 2_500).Select(i => $$"""{"span_id":"s{{i}}","tool":"t","start_ts":{{i}},"end_ts":{{i}}}""").Append("""{"span_id":"bad","tool":7}"""));
        using var response = await PostAsync("/traces/spans", Encoding.UTF8.GetBytes(lines), "application/x-ndjson");

        var problem = await ReadProblemAsync(response, 422, "invalid", "/2500/tool");
        Assert.Equal(2_500, problem.GetProperty("accepted").GetInt64());
        Assert.Contains("line 2501", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("s0", (await GetJsonAsync("/traces/spans?limit=1"))[0].GetProperty("span_id").GetString());
    }

    [Fact]
    public async Task The_pages_of_a_listing_hold_every_span_once_by_start_and_id()
    {
        using var response = await PostJsonAsync(
            "/traces/spans",
            $"[{string.Join(',', Enumerable.Range(0, 10).Select(i => $$"""{"span_id":"é{{i}}","tool":"t{{i % 2}}","start_ts":{{i / 5}},"end_ts":9}"""))}]");
        await ReadAsync(response, 200);

        var seen = new List<string?>();
        var path = "/traces/spans?limit=3";
        while (path is not null)
        {
            using var page = await Client.GetAsync(path);
            seen.AddRange((await ReadAsync(page, 200)).EnumerateArray().Select(span => span.GetProperty("span_id").GetString()));
            path = page.Headers.TryGetValues("Link", out var links) ? links.Single()[1..links.Single().IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"é{i}"), seen);
        Assert.Equal(5, (await GetJsonAsync("/traces/spans?tool=t1")).GetArrayLength());
    }

    [Fact]
    public async Task Nanoseconds_keep_all_their_digits()
    {
        using var response = await PostJsonAsync("/traces/spans", """[{"span_id":"a","tool":"t","start_ts":1767225600123456789,"end_ts":-9223372036854775808}]""");
        await ReadAsync(response, 200);

        var span = (await GetJsonAsync("/traces/spans"))[0];
        Assert.Equal("1767225600123456789", span.GetProperty("start_ts").GetRawText());
        Assert.Equal("-9223372036854775808", span.GetProperty("end_ts").GetRawText());
    }
}
