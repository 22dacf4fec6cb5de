using System.Text.Json;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>What the tool names as the place of evidence holds the words that the evidence is about.</summary>
public sealed class EvidencePlacesTests(PackedTool tool) : IDisposable
{
    private const string Failure = "Überlast: der Dienst „Versand“ nimmt keine Aufträge an";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_stands_in_the_message_with_the_result_and_not_in_that_with_the_call(bool indented)
    {
        // Letters beyond ASCII are escaped, in a JSON text that is itself a string.
        var result = JsonSerializer.Serialize(new { error = Failure });
        object Call(string id) => new { role = "assistant", tool_calls = new[] { new { id, type = "function", function = new { name = "book", arguments = "{\"order\":7}" } } } };
        object[] messages =
        [
            new { role = "user", content = "Book a shipment for order 7." },
            Call("c1"), new { role = "tool", tool_call_id = "c1", content = result }, Call("c2"), new { role = "tool", tool_call_id = "c2", content = result },
            new { role = "assistant", content = "I could not book it." },
        ];
        var text = JsonSerializer.Serialize(new { messages }, indented ? Indented : null);
        await File.WriteAllTextAsync(_directory["run.json"], text);

        var places = await PlacesAsync("run.json", text);
        Assert.Contains(places, place => place.Pointer is "/messages/2/content" or "/messages/4/content" && place.From.StartsWith(@"\\u00DCberlast", StringComparison.Ordinal));

        // Both calls failed in the same words, and each has its own.
        var failed = places.Where(static place => place.Pointer is "/messages/2/content" or "/messages/4/content").ToList();
        Assert.Equal(failed.Count, failed.DistinctBy(static place => place.Pointer).Count());
        Assert.DoesNotContain(places, static place => place.Evidence.Contains("Überlast", StringComparison.Ordinal) && place.Pointer is "/messages/1" or "/messages/3");
    }

    [Fact]
    public async Task In_lines_of_JSON_it_is_the_line_and_the_place_within()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing);
        var places = await PlacesAsync("run.jsonl", Sessions.Failing);
        Assert.Contains(places, static place => place is { Line: 3, Pointer: "/message/content/0/content" });
    }

    [Fact]
    public async Task An_error_of_several_lines_stands_where_its_lines_do()
    {
        object Line(string type, object content, int number) => new { type, message = new { role = type, content }, sessionId = "s", uuid = $"u{number}", parentUuid = number == 1 ? null : $"u{number - 1}", timestamp = $"2026-11-30T10:00:0{number}Z" };
        object[] lines =
        [
            Line("user", "Deploy shop 3.1 to staging.", 1),
            Line("assistant", new[] { new { type = "tool_use", id = "t1", name = "Bash", input = new { command = "./deploy/rollout.sh staging" } } }, 2),
            Line("user", new[] { new { type = "tool_result", tool_use_id = "t1", content = "Exit code 1\napplying shop\nwaiting for it\nerror: exceeded its progress deadline", is_error = true } }, 3),
            Line("assistant", new[] { new { type = "text", text = "The rollout failed." } }, 4),
        ];
        var text = string.Join('\n', lines.Select(static line => JsonSerializer.Serialize(line))) + "\n";
        await File.WriteAllTextAsync(_directory["run.jsonl"], text);
        Assert.Contains(await PlacesAsync("run.jsonl", text), static place => place is { Line: 3, Pointer: "/message/content/0/content" } && place.From.StartsWith("Exit code 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_short_value_stands_where_it_is_and_not_where_what_leads_to_it_begins()
    {
        object Call(string id) => new { role = "assistant", tool_calls = new[] { new { id, type = "function", function = new { name = "count_members", arguments = "{\"month\":\"February\"}" } } } };
        object[] messages =
        [
            new { role = "user", content = "How many members were there in February?" }, Call("c1"), new { role = "tool", tool_call_id = "c1", content = "{\"members\":1327}" },
            new { role = "assistant", content = "1,723 members." },
        ];
        var text = JsonSerializer.Serialize(new { messages });
        await File.WriteAllTextAsync(_directory["run.json"], text);
        var places = await PlacesAsync("run.json", text);
        Assert.Contains(places, static place => place.Pointer == "/messages/3/content" && place.From.StartsWith("1,723", StringComparison.Ordinal));
        Assert.Contains(places, static place => place.Pointer == "/messages/2/content" && place.From.StartsWith("1327", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<Place>> PlacesAsync(string name, string text)
    {
        var file = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "analyze", name, "--json")).Output).GetProperty("files")[0];
        Assert.Equal("identified", file.GetProperty("report").GetProperty("verdict").GetString());
        var evidence = file.GetProperty("report").GetProperty("evidence").EnumerateArray()
            .ToDictionary(static one => one.GetProperty("id").GetString()!, static one => one.GetProperty("text").GetString()!);
        var places = file.GetProperty("places").EnumerateObject().Select(one => new Place(
            evidence[one.Name], one.Value.GetProperty("line").GetInt32(), one.Value.GetProperty("pointer").GetString(), text[one.Value.GetProperty("offset").GetInt32()..])).ToList();
        Assert.All(places, place => Assert.Equal(place.Line, text[..^place.From.Length].Count(static letter => letter == '\n') + 1));
        return places;
    }

    private sealed record Place(string Evidence, int Line, string? Pointer, string From);
}
