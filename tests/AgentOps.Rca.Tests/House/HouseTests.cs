using System.Text;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Tests.House;

/// <summary>The structure of the code: rooms are namespaces, and an arrow is what a file of one says that it uses of another.</summary>
public sealed class HouseTests
{
    private const string Begin = "<!-- rooms: begin -->";
    private const string End = "<!-- rooms: end -->";
    private const int LongestFile = 400;

    private static readonly (string Driver, string[] Folders)[] Drivers =
    [
        ("Npgsql", ["src/AgentOps.Rca/Storage/Supabase/"]),
        ("Microsoft.Data.Sqlite", ["src/AgentOps.Rca.Sqlite/"]),
        ("Microsoft.AspNetCore", ["src/AgentOps.Rca.AspNetCore/", "src/AgentOps.Rca.Mcp/", "src/AgentOps.Rca.Tool/"]),
        ("ModelContextProtocol", ["src/AgentOps.Rca.Mcp/", "src/AgentOps.Rca.Tool/"]),
        ("Spectre.Console", ["src/AgentOps.Rca.Tool/"]),
        ("System.CommandLine", ["src/AgentOps.Rca.Tool/"]),
    ];

    private static readonly SourceTree Source = SourceTree.Read();

    [Fact]
    public void Rooms_depend_on_each_other_in_one_direction()
    {
        Assert.True(Source.Arrows.Count > 50, "The sources were not read.");
        Assert.Empty(Source.FindCircles().Select(circle => string.Join(" <-> ", circle)));
    }

    [Fact]
    public void A_driver_is_named_in_its_own_room_only()
    {
        foreach (var (driver, folders) in Drivers)
        {
            var users = Source.Files.Where(file => file.Uses.Any(name => name == driver || name.StartsWith(driver + ".", StringComparison.Ordinal))).ToList();
            Assert.NotEmpty(users);
            var qualified = new Regex($@"(?<![\w.""]){Regex.Escape(driver)}\.[A-Z]");
            Assert.Empty(Source.Files.Where(file => !folders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)))
                .Where(file => users.Contains(file) || CodeOf(file).Any(line => qualified.IsMatch(line)))
                .Select(file => $"{file.Path} uses {driver}"));
        }
    }

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold() =>
        Assert.Empty(Source.Files.Where(file => file.Lines > LongestFile).Select(file => $"{file.Path}: {file.Lines} lines"));

    [Fact]
    public async Task The_drawing_in_the_architecture_document_is_that_of_the_code()
    {
        var path = Path.Combine(SourceTree.Root, "docs", "architecture.md");
        var document = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var (from, to) = (document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, document.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= Begin.Length && to > from, $"{path} has no part between {Begin} and {End}.");
        var drawing = $"\n{Draw()}";
        if (Environment.GetEnvironmentVariable("AGENTOPS_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, document[..from] + drawing + document[to..], TestContext.Current.CancellationToken);
            return;
        }

        Assert.True(
            document[from..to] == drawing,
            $"The rooms have changed. Look at the change, then write it down: AGENTOPS_WRITE_DOCS=1 dotnet test tests/AgentOps.Rca.Tests --filter {nameof(HouseTests)}\n{drawing}");
    }

    // Without comments, and without what is used by a line of its own.
    private static IEnumerable<string> CodeOf(SourceFile file) => File.ReadLines(Path.Combine(SourceTree.Root, file.Path))
        .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("using ", StringComparison.Ordinal));

    // Rooms of the first two levels, each with those it names: what a newcomer can hold.
    private static string Draw()
    {
        var arrows = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in Source.Files.Where(file => !file.IsFrontDoor))
        {
            var room = SourceTree.Short(file.Room);
            var names = arrows.TryGetValue(room, out var known) ? known : arrows[room] = new SortedSet<string>(StringComparer.Ordinal);
            names.UnionWith(file.Uses.Where(Source.IsRoom).Select(SourceTree.Short).Where(name => name != room));
        }

        var drawing = new StringBuilder("| Room | names |\n|---|---|\n");
        foreach (var (room, names) in arrows)
        {
            drawing.Append("| ").Append(room).Append(" | ").AppendJoin(", ", names).Append(" |\n");
        }

        return drawing.ToString();
    }
}
