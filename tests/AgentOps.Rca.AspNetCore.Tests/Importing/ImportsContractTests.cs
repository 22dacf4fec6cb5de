using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Importing;

public sealed class InMemoryImportsContractTests(InMemoryStoreBackend backend) : ImportsContractTests<InMemoryStoreBackend>(backend);

public abstract class ImportsContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string Messages = """
        [{"role":"user","content":"Book room 7."},
         {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"book","arguments":"{\"room\":7}"}}]},
         {"role":"tool","tool_call_id":"c1","content":"Error: room 7 is closed"},
         {"role":"oracle","content":"?"}]
        """;

    [Fact]
    public async Task A_file_opens_the_incident_of_its_run_and_sending_it_again_changes_nothing()
    {
        using var first = await PostAsync("/imports?name=a.json&problem_type=no_room&subject=R-7", Encoding.UTF8.GetBytes(Messages), null);
        var import = await ReadAsync(first, 201);

        var id = import.GetProperty("incident_id").GetGuid();
        Assert.EndsWith($"/incidents/{id:D}", first.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(("messages", 4, 3), (import.GetProperty("files")[0].GetProperty("format").GetString(), import.GetProperty("files")[0].GetProperty("records").GetInt32(), import.GetProperty("spans").GetProperty("added").GetInt32()));
        Assert.Equal(3, import.GetProperty("spans").GetProperty("without_time").GetInt32());
        Assert.Equal((1, 4, "/3"), (import.GetProperty("left_out_count").GetInt32(), import.GetProperty("left_out")[0].GetProperty("line").GetInt32(), import.GetProperty("left_out")[0].GetProperty("pointer").GetString()));
        using var read = await Client.GetAsync(new Uri($"/incidents/{id:D}", UriKind.Relative));
        var incident = await ReadAsync(read, 200);
        Assert.Equal(("no_room", "R-7"), (incident.GetProperty("problem_type").GetString(), incident.GetProperty("order_id").GetString()));

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Messages));
        }

        using var second = await PostAsync("/imports", packed.ToArray(), "text/anything", ("Content-Encoding", "gzip"));
        var again = await ReadAsync(second, 200);
        Assert.Equal((id, 0, 3), (again.GetProperty("incident_id").GetGuid(), again.GetProperty("spans").GetProperty("added").GetInt32(), again.GetProperty("spans").GetProperty("known").GetInt32()));
    }

    [Fact]
    public async Task Each_run_of_a_file_has_an_incident_where_that_is_asked_for()
    {
        var file = string.Join('\n', Enumerable.Range(0, 3).Select(static number => $$"""{"messages":[{"role":"user","content":"Hi {{number}}"},{"role":"assistant","content":"Hello"}]}"""));

        using var response = await PostAsync("/imports?incident_per_run=true", Encoding.UTF8.GetBytes(file), null);

        var import = await ReadAsync(response, 201);
        var incidents = import.GetProperty("incidents").EnumerateArray().ToList();
        Assert.Equal([(2, 1, true), (2, 2, true), (2, 3, true)], incidents.Select(static one => (one.GetProperty("spans").GetInt32(), one.GetProperty("line").GetInt32(), one.GetProperty("created").GetBoolean())));
        Assert.Equal(import.GetProperty("incident_id").GetGuid(), incidents[0].GetProperty("id").GetGuid());
        foreach (var one in incidents)
        {
            using var read = await Client.GetAsync(new Uri($"/incidents/{one.GetProperty("id").GetGuid():D}", UriKind.Relative));
            Assert.Equal(2, (await ReadAsync(read, 200)).GetProperty("span_count").GetInt32());
        }
    }

    [Fact]
    public async Task A_file_goes_into_the_incident_that_is_named()
    {
        var incident = await CreateIncidentAsync("A-1");

        using var response = await PostAsync($"/imports?incident_id={incident}", Encoding.UTF8.GetBytes(Messages), "application/json");

        var import = await ReadAsync(response, 200);
        Assert.Equal((incident, false), (import.GetProperty("incident_id").GetGuid(), import.GetProperty("created").GetBoolean()));
    }

    [Theory]
    [InlineData("/imports", "hello", 422, "urn:agentops-rca:problem:invalid")]
    [InlineData("/imports", "", 422, "urn:agentops-rca:problem:invalid")]
    [InlineData("/imports", "[{\"role\":\"oracle\",\"content\":1}]", 422, "urn:agentops-rca:problem:invalid")]
    [InlineData("/imports?incident_id=0190a8c2-5d1e-7c43-9b1f-2f6a4de0c999", "[]", 404, "urn:agentops-rca:problem:not-found")]
    [InlineData("/imports?incident_id=seven", "[]", 404, "urn:agentops-rca:problem:not-found")]
    [InlineData("/imports?problem_type=%20", "[]", 400, "urn:agentops-rca:problem:invalid-parameter")]
    [InlineData("/imports?name=a&name=b", "[]", 400, "urn:agentops-rca:problem:invalid-parameter")]
    public async Task What_cannot_be_taken_is_refused_with_its_place(string path, string file, int status, string type)
    {
        using var response = await PostAsync(path, Encoding.UTF8.GetBytes(file), "application/octet-stream");

        Assert.Equal((status, type), ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task A_packing_that_is_not_known_and_one_that_hides_too_much_are_refused()
    {
        using var brotli = await PostAsync("/imports", [1, 2, 3], null, ("Content-Encoding", "br"));
        Assert.Equal(415, (int)brotli.StatusCode);

        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync("[{\"role\":\"user\",\"content\":\""u8.ToArray());
            for (var i = 0; i < 100; i++)
            {
                await gzip.WriteAsync(Enumerable.Repeat((byte)'a', 1024 * 1024).ToArray());
            }
        }

        using var refused = await PostAsync("/imports", bomb.ToArray(), "application/gzip");
        Assert.Equal(413, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Only_POST_exists_there()
    {
        using var response = await Client.GetAsync(new Uri("/imports", UriKind.Relative));
        Assert.Equal(405, (int)response.StatusCode);
    }
}
