using System.Net;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Incidents;

public sealed class InMemoryIncidentsContractTests(InMemoryStoreBackend backend) : IncidentsContractTests<InMemoryStoreBackend>(backend);

public abstract class IncidentsContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string Body = """{"order_id":"o-1","problem_type":"late_delivery","eta_delta_hours":4.5,"details":{"carrier":"north"},"region":"eu"}""";

    [Fact]
    public async Task A_new_incident_is_answered_with_201_its_place_and_both_names_of_its_id()
    {
        using var response = await PostJsonAsync("/incidents", Body);

        var incident = await ReadAsync(response, 201);
        var id = incident.GetProperty("id").GetString();
        Assert.Equal(id, incident.GetProperty("incident_id").GetString());
        Assert.Equal($"/incidents/{id}", response.Headers.Location?.OriginalString);
        Assert.Equal("open", incident.GetProperty("status").GetString());
        Assert.Equal(4.5, incident.GetProperty("eta_delta_hours").GetDouble());
        Assert.EndsWith("Z", incident.GetProperty("created_ts").GetString(), StringComparison.Ordinal);
        // PostgreSQL keeps the members of a jsonb in an order of its own.
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"carrier":"north","region":"eu"}"""), incident.GetProperty("details")));
        Assert.True(JsonElement.DeepEquals(incident.GetProperty("details"), (await GetJsonAsync($"/incidents/{id}")).GetProperty("details")));
    }

    [Fact]
    public async Task A_client_made_id_is_kept_and_the_same_body_again_is_the_same_incident()
    {
        const string body = """{"id":"0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111","order_id":"o","problem_type":"p"}""";
        using var first = await PostJsonAsync("/incidents", body);
        using var second = await PostJsonAsync("/incidents", body);

        var one = await ReadAsync(first, 201);
        var two = await ReadAsync(second, 201);
        Assert.Equal("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111", one.GetProperty("id").GetString());
        Assert.Equal(one.GetRawText(), two.GetRawText());
    }

    [Fact]
    public async Task A_client_made_id_with_another_body_is_a_conflict_and_the_first_stays()
    {
        const string id = "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111";
        using var first = await PostJsonAsync("/incidents", $$"""{"id":"{{id}}","order_id":"o","problem_type":"p"}""");
        using var second = await PostJsonAsync("/incidents", $$"""{"id":"{{id}}","order_id":"other","problem_type":"p"}""");

        await ReadProblemAsync(second, 409, "conflict", "/id");
        Assert.Equal("o", (await GetJsonAsync($"/incidents/{id}")).GetProperty("order_id").GetString());
    }

    [Fact]
    public async Task An_idempotency_key_makes_a_repeat_the_same_incident_whether_quoted_or_not()
    {
        using var first = await PostJsonAsync("/incidents", Body, ("Idempotency-Key", "\"key 1\""));
        using var second = await PostJsonAsync("/incidents", Body, ("Idempotency-Key", "key 1"));
        using var other = await PostJsonAsync("/incidents", Body, ("Idempotency-Key", "key 2"));

        var id = (await ReadAsync(first, 201)).GetProperty("id").GetString();
        Assert.Equal(id, (await ReadAsync(second, 201)).GetProperty("id").GetString());
        Assert.NotEqual(id, (await ReadAsync(other, 201)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task An_idempotency_key_with_another_body_is_refused()
    {
        using var first = await PostJsonAsync("/incidents", Body, ("Idempotency-Key", "k"));
        using var second = await PostJsonAsync("/incidents", """{"order_id":"o-2","problem_type":"p"}""", ("Idempotency-Key", "k"));

        await ReadAsync(first, 201);
        await ReadProblemAsync(second, 422, "idempotency-key-reused", "Idempotency-Key");
    }

    [Fact]
    public async Task Of_32_simultaneous_posts_with_one_key_one_incident_comes()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => PostJsonAsync("/incidents", Body, ("Idempotency-Key", "race"))));

        var ids = new HashSet<string?>();
        foreach (var answer in answers)
        {
            using (answer)
            {
                ids.Add((await ReadAsync(answer, 201)).GetProperty("id").GetString());
            }
        }

        Assert.Single(ids);
        Assert.Equal(1, (await GetJsonAsync("/incidents")).GetArrayLength());
    }

    [Fact]
    public async Task A_time_given_by_the_client_is_kept()
    {
        using var response = await PostJsonAsync("/incidents", """{"order_id":"o","problem_type":"p","created_ts":"2026-01-31T10:30:00.25+01:00"}""");

        Assert.Equal("2026-01-31T09:30:00.25Z", (await ReadAsync(response, 201)).GetProperty("created_ts").GetString());
    }

    [Fact]
    public async Task The_pages_of_a_listing_hold_every_incident_once_newest_first()
    {
        for (var i = 0; i < 7; i++)
        {
            await CreateIncidentAsync($"order-{i}");
        }

        var seen = new List<string?>();
        var path = "/incidents?limit=3&problem_type=late_delivery";
        while (path is not null)
        {
            using var response = await Client.GetAsync(path);
            seen.AddRange((await ReadAsync(response, 200)).EnumerateArray().Select(incident => incident.GetProperty("id").GetString()));
            path = response.Headers.TryGetValues("Link", out var links) ? NextOf(links.Single()) : null;
            Assert.True(path is null || path.Contains("problem_type=late_delivery", StringComparison.Ordinal));
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal((await GetJsonAsync("/incidents")).EnumerateArray().Select(incident => incident.GetProperty("id").GetString()), seen);
    }

    [Theory]
    [InlineData("status=open", 2)]
    [InlineData("status=approved", 0)]
    [InlineData("problem_type=loop", 1)]
    [InlineData("order_id=A-1", 1)]
    [InlineData("q=a-", 1)]
    [InlineData("q=LOOP", 1)]
    [InlineData("order_id=B%252%27", 0)]
    public async Task A_listing_is_filtered(string query, int count)
    {
        await CreateIncidentAsync("A-1", "late_delivery");
        await CreateIncidentAsync("B-2", "loop");

        Assert.Equal(count, (await GetJsonAsync($"/incidents?{query}")).GetArrayLength());
    }

    [Fact]
    public async Task An_incident_tells_how_much_belongs_to_it()
    {
        var id = await CreateIncidentAsync();
        using var stored = await PostAsync("/artifacts", "x"u8.ToArray(), "text/plain");
        var digest = (await ReadAsync(stored, 201)).GetProperty("digest").GetString();
        using var spans = await PostJsonAsync(
            "/traces/spans",
            $$"""[{"span_id":"a","tool":"t","start_ts":1,"end_ts":2,"incident_id":"{{id.ToString().ToUpperInvariant()}}","args_digest":"{{digest}}"},{"span_id":"b","tool":"t","start_ts":1,"end_ts":2,"incident_id":"{{id}}","result_digest":"{{new string('0', 64)}}"}]""");
        await ReadAsync(spans, 200);

        var incident = await GetJsonAsync($"/incidents/{id}");

        Assert.Equal(2, incident.GetProperty("span_count").GetInt64());
        Assert.Equal(1, incident.GetProperty("artifact_count").GetInt64());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, incident.GetProperty("latest_report").ValueKind);
        var bare = await GetJsonAsync($"/incidents/{id}?without_counts=true");
        Assert.All(["span_count", "artifact_count"], name => Assert.Equal(System.Text.Json.JsonValueKind.Null, bare.GetProperty(name).ValueKind));
        Assert.Equal(incident.GetProperty("order_id").GetString(), bare.GetProperty("order_id").GetString());
        using var unclear = await Client.GetAsync(new Uri($"/incidents/{id}?without_counts=yes", UriKind.Relative));
        Assert.Equal(400, (int)unclear.StatusCode);
        var full = await GetJsonAsync($"/incidents/{id}/full");
        Assert.Equal(id, full.GetProperty("incident").GetProperty("id").GetGuid());
        Assert.Equal(["a", "b"], full.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("span_id").GetString()));
        Assert.Equal(digest, Assert.Single(full.GetProperty("artifacts").EnumerateArray()).GetProperty("digest").GetString());
    }

    [Fact]
    public async Task The_full_form_of_many_spans_is_whole()
    {
        var id = await CreateIncidentAsync();
        var lines = string.Join('\n', Enumerable.Range(0, 3_000)
            .Select(i => $$"""{"span_id":"s{{i}}","tool":"t","start_ts":{{i}},"end_ts":{{i}},"incident_id":"{{id}}"}"""));
        using var spans = await PostAsync("/traces/spans", System.Text.Encoding.UTF8.GetBytes(lines), "application/x-ndjson");
        Assert.Equal(3_000, (await ReadAsync(spans, 200)).GetProperty("accepted").GetInt64());

        Assert.Equal(3_000, (await GetJsonAsync($"/incidents/{id}/full")).GetProperty("spans").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/full")]
    public async Task An_unknown_incident_is_404(string suffix)
    {
        using var response = await Client.GetAsync($"/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111{suffix}");

        await ReadProblemAsync(response, 404, "not-found", "id");
    }

    private static string NextOf(string link)
    {
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }

    [Fact]
    public async Task What_an_incident_is_about_may_be_an_order_another_subject_or_unknown()
    {
        var ticket = await PostAsync("""{"subject":"ticket 7","problem_type":"wrong_answer"}""");
        var unknown = await PostAsync("""{"problem_type":"wrong_answer","order_id":null}""");
        var order = await PostAsync("""{"order_id":"A-1","subject":"the gift","problem_type":"late"}""");

        Assert.Equal(("ticket 7", "ticket 7"), (ticket.GetProperty("order_id").GetString(), ticket.GetProperty("subject").GetString()));
        Assert.Equal("ticket 7", ticket.GetProperty("details").GetProperty("subject").GetString());
        Assert.Equal(("", JsonValueKind.Null), (unknown.GetProperty("order_id").GetString(), unknown.GetProperty("subject").ValueKind));
        Assert.Equal(("A-1", "A-1"), (order.GetProperty("order_id").GetString(), order.GetProperty("subject").GetString()));
        Assert.Equal("the gift", order.GetProperty("details").GetProperty("subject").GetString());
        foreach (var name in (string[])["order_id", "subject"])
        {
            var found = JsonElement.Parse(await Client.GetStringAsync($"/incidents?{name}=ticket%207"));
            Assert.Equal(ticket.GetProperty("id").GetString(), found.EnumerateArray().Single().GetProperty("id").GetString());
        }

        using var torn = await Client.GetAsync("/incidents?order_id=a&subject=b");
        Assert.Equal(HttpStatusCode.BadRequest, torn.StatusCode);

        async Task<JsonElement> PostAsync(string body)
        {
            using var response = await Client.PostAsync("/incidents", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            return JsonElement.Parse(await response.Content.ReadAsStringAsync());
        }
    }
}
