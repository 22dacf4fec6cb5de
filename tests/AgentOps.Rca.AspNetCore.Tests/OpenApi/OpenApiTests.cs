using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.OpenApi;

public sealed class OpenApiTests(MalformedRequestTests.Shared shared) : IClassFixture<MalformedRequestTests.Shared>
{
    [Fact]
    public async Task Every_endpoint_is_described_and_nothing_else_is()
    {
        var api = await ReadAsync();

        Assert.Equal(
            Endpoints().Select(endpoint => endpoint.Name).Order(StringComparer.Ordinal),
            Operations(api).Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_description_has_the_name_the_summary_the_answers_and_the_parameters_of_its_endpoint()
    {
        var operations = Operations(await ReadAsync()).ToDictionary(operation => operation.Name, operation => operation.Value);
        foreach (var (name, endpoint) in Endpoints())
        {
            var operation = operations[name];
            Assert.Equal(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, operation.GetProperty("operationId").GetString());
            Assert.Equal(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()!.Summary, operation.GetProperty("summary").GetString());
            Assert.Equal(endpoint.Metadata.GetMetadata<ITagsMetadata>()!.Tags, operation.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
            var isOpen = endpoint.Metadata.GetMetadata<OpenEndpoint>() is not null;
            var statuses = endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().Select(answer => answer.StatusCode)
                .Concat(isOpen ? [] : [401, 403]).Concat(isOpen || endpoint.Metadata.GetMetadata<WorkLimit>() is null ? [] : [429]).Distinct().Order().Select(status => status.ToString(CultureInfo.InvariantCulture));
            Assert.Equal((name, string.Join(' ', statuses)), (name, string.Join(' ', Names(operation.GetProperty("responses")).Order(StringComparer.Ordinal))));
            Assert.Equal(isOpen, operation.TryGetProperty("security", out _));
            Assert.Equal((name, endpoint.Metadata.GetMetadata<BodyLimit>() is not null), (name, operation.TryGetProperty("requestBody", out _)));
            Assert.Equal(
                endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name),
                Parameters(operation).Where(parameter => parameter.GetProperty("in").GetString() == "path").Select(parameter => parameter.GetProperty("name").GetString()!));
            Assert.All(Parameters(operation), parameter => Assert.False(string.IsNullOrEmpty(parameter.GetProperty("description").GetString())));
        }
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var api = await ReadAsync();
        var references = new List<string>();
        Collect(api, references);

        Assert.NotEmpty(references);
        Assert.All(references.Distinct(), reference =>
        {
            var at = api;
            foreach (var step in reference[2..].Split('/'))
            {
                Assert.True(at.TryGetProperty(step, out at), reference);
            }
        });
    }

    [Fact]
    public async Task Every_example_has_the_members_that_its_schema_requires_and_no_others()
    {
        var api = await ReadAsync();
        foreach (var (name, operation) in Operations(api))
        {
            var contents = operation.GetProperty("responses").EnumerateObject()
                .Where(answer => answer.Value.TryGetProperty("content", out _))
                .Select(answer => answer.Value.GetProperty("content"));
            contents = operation.TryGetProperty("requestBody", out var body) ? contents.Append(body.GetProperty("content")) : contents;
            foreach (var media in contents.SelectMany(content => content.EnumerateObject()).Where(media => media.Name == "application/json"))
            {
                if (media.Value.TryGetProperty("example", out var example))
                {
                    Check(api, media.Value.GetProperty("schema"), example, name);
                }
            }
        }
    }

    [Fact]
    public async Task Under_a_prefix_the_description_says_so()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca");

        var api = JsonElement.Parse(await host.Client.GetStringAsync("/rca/openapi/v1.json"));

        Assert.Equal("/rca", api.GetProperty("servers")[0].GetProperty("url").GetString());
    }

    [Fact]
    public async Task Real_answers_have_the_members_that_are_described()
    {
        var api = await ReadAsync();
        var client = shared.Host.Client;
        var incident = await SendAsync(client, "/incidents", """{"order_id":"o","problem_type":"p"}""");
        var id = incident.GetProperty("id").GetString();
        var artifact = await SendAsync(client, "/artifacts", """{"content":"YQ=="}""");
        var spans = await SendAsync(
            client,
            "/traces/spans",
            $$"""[{"span_id":"described","tool":"t","start_ts":1,"end_ts":2,"incident_id":"{{id}}","result_digest":{{artifact.GetProperty("digest").GetRawText()}}}]""");
        var report = await SendAsync(client, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""");
        CheckNamed("Incident", incident);
        CheckNamed("Artifact", artifact);
        CheckNamed("SpansWritten", spans);
        CheckNamed("Report", report);
        CheckNamed("Approval", await SendAsync(client, $"/incidents/{id}/approve", "{}"));
        CheckNamed("Replay", await SendAsync(client, "/replay/strict", $$"""{"incident_id":"{{id}}"}"""));
        CheckNamed("IncidentDetail", JsonElement.Parse(await client.GetStringAsync($"/incidents/{id}")));
        CheckNamed("Kpis", JsonElement.Parse(await client.GetStringAsync($"/incidents/{id}/kpis")));
        CheckNamed("Span", JsonElement.Parse(await client.GetStringAsync($"/traces/spans?incident_id={id}"))[0]);
        CheckNamed("Health", JsonElement.Parse(await client.GetStringAsync("/health/ready")));
        CheckNamed("Timeline", JsonElement.Parse(await client.GetStringAsync($"/incidents/{id}/timeline")));
        CheckNamed("RunSteps", JsonElement.Parse(await client.GetStringAsync($"/incidents/{id}/steps")));
        CheckNamed("IncidentOverview", JsonElement.Parse(await client.GetStringAsync("/incidents?view=overview"))[0]);
        using var missing = await client.GetAsync("/incidents/42");
        CheckNamed("Problem", JsonElement.Parse(await missing.Content.ReadAsStringAsync()));

        void CheckNamed(string schema, JsonElement value) =>
            Check(api, api.GetProperty("components").GetProperty("schemas").GetProperty(schema), value, schema);
    }

    private static async Task<JsonElement> SendAsync(HttpClient client, string path, string body)
    {
        using var response = await client.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.True(response.IsSuccessStatusCode, $"{path} {response.StatusCode}");
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> ReadAsync() => JsonElement.Parse(await shared.Host.Client.GetStringAsync("/openapi/v1.json"));

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Endpoints() =>
        from endpoint in shared.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        select ($"{method} {path}", endpoint);

    private static IEnumerable<(string Name, JsonElement Value)> Operations(JsonElement api) =>
        from path in api.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    private static List<JsonElement> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray()] : [];

    private static IEnumerable<string> Names(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    private static void Collect(JsonElement value, List<string> references)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Collect(item, references);
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (member.Name == "$ref")
                {
                    references.Add(member.Value.GetString()!);
                }

                Collect(member.Value, references);
            }
        }
    }

    private static void Check(JsonElement api, JsonElement schema, JsonElement value, string place)
    {
        schema = Resolve(api, schema);
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            var choice = choices.EnumerateArray().Select(one => Resolve(api, one))
                .FirstOrDefault(one => TypeOf(one) == (value.ValueKind == JsonValueKind.Object ? "object" : value.ValueKind == JsonValueKind.Array ? "array" : "null"));
            Assert.True(choice.ValueKind != JsonValueKind.Undefined, $"{place}: {value.ValueKind} is none of the choices.");
            schema = choice;
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var item in value.EnumerateArray())
            {
                Check(api, items, item, place + "[]");
            }
        }

        if (value.ValueKind != JsonValueKind.Object || IsFree(schema))
        {
            return;
        }

        var parts = schema.TryGetProperty("allOf", out var all) ? all.EnumerateArray().Select(part => Resolve(api, part)).ToList() : [schema];
        var known = parts.SelectMany(part => part.GetProperty("properties").EnumerateObject()).ToDictionary(member => member.Name, member => member.Value);
        var required = parts.SelectMany(part => part.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : []);
        Assert.All(required, name => Assert.True(value.TryGetProperty(name, out _), $"{place}.{name} is required."));
        Assert.All(value.EnumerateObject(), member =>
        {
            Assert.True(known.ContainsKey(member.Name) || parts.Any(IsOpenEnded), $"{place}.{member.Name} is not described.");
            if (known.TryGetValue(member.Name, out var described))
            {
                Check(api, described, member.Value, $"{place}.{member.Name}");
            }
        });
    }

    private static bool IsFree(JsonElement schema) => !schema.TryGetProperty("properties", out _) && !schema.TryGetProperty("allOf", out _);

    private static bool IsOpenEnded(JsonElement schema) => schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.True;

    private static string? TypeOf(JsonElement schema) => schema.TryGetProperty("type", out var type) ? type.GetString() : null;

    private static JsonElement Resolve(JsonElement api, JsonElement value)
    {
        if (!value.TryGetProperty("$ref", out var reference))
        {
            return value;
        }

        return reference.GetString()![2..].Split('/').Aggregate(api, (at, step) => at.GetProperty(step));
    }
}
