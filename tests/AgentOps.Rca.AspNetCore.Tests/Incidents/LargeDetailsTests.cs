using System.Net;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.AspNetCore.Tests.Incidents;

/// <summary>Incidents with details of mebibytes are answered as those with few are.</summary>
public sealed class LargeDetailsTests
{
    [Fact]
    public async Task They_come_whole_when_they_are_opened_read_and_listed()
    {
        await using var host = await RcaHost.StartAsync();
        using var client = host.NewDescribedClient();
        List<string> opened = [];
        foreach (var length in (int[])[10, 3 * 1024 * 1024, 70 * 1024])
        {
            var details = $$$"""{"text":"{{{new string('d', length)}}}é","list":[1,{"a":null}],"details":{}}""";
            using var body = new StringContent($$$"""{"order_id":"\"details\":{}","problem_type":"late","details":{{{details}}}}""", Encoding.UTF8, "application/json");
            using var created = await client.PostAsync(new Uri("/incidents", UriKind.Relative), body);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            var answer = JsonElement.Parse(await created.Content.ReadAsStringAsync());
            opened.Add(answer.GetProperty("id").GetString()!);
            Assert.Equal($"/incidents/{opened[^1]}", created.Headers.Location?.ToString());
            using var got = await client.GetAsync(created.Headers.Location);
            var one = JsonElement.Parse(await got.Content.ReadAsStringAsync());
            foreach (var read in (JsonElement[])[answer, one])
            {
                Assert.True(JsonElement.DeepEquals(JsonElement.Parse(details), read.GetProperty("details")));
                Assert.Equal("\"details\":{}", read.GetProperty("order_id").GetString());
                Assert.Equal("\"details\":{}", read.GetProperty("subject").GetString());
            }

            Assert.Equal(0, one.GetProperty("span_count").GetInt64());
        }

        using var listing = await client.GetAsync(new Uri("/incidents?limit=50", UriKind.Relative));
        var listed = JsonElement.Parse(await listing.Content.ReadAsStringAsync());
        Assert.Equal(opened.AsEnumerable().Reverse(), listed.EnumerateArray().Select(static incident => incident.GetProperty("id").GetString()!));
    }
}
