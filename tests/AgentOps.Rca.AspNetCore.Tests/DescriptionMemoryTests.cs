using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace AgentOps.Rca.AspNetCore.Tests;

[Collection(RunsAlone.Name)]
public sealed class DescriptionMemoryTests
{
    [Fact]
    public async Task The_description_says_the_spelling_of_its_caller_and_keeps_none_of_them()
    {
        await using var application = await EmbeddedTests.StartAsync(static _ => { }, app => app.MapAgentOpsRca("/agentops/rca"));
        using var client = EmbeddedTests.ClientOf(application);
        var allocated = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 300; i++)
        {
            var spelled = string.Concat("/agentops/rca".Select((letter, place) => ((i >> (place % 9)) & 1) == 1 ? char.ToUpperInvariant(letter) : letter));
            var api = JsonElement.Parse(await client.GetStringAsync($"{spelled}/openapi/v1.json"));
            Assert.Equal(spelled, api.GetProperty("servers")[0].GetProperty("url").GetString());
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - allocated, long.MinValue, 8 * 1024 * 1024);
    }
}
