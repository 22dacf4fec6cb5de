using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Tests.House;

/// <summary>A file of the product's sources.</summary>
internal sealed record SourceFile(string Path, string Room, IReadOnlyList<string> Uses, int Lines)
{
    /// <summary>Whether it is where everything is put together, which may name every room.</summary>
    public bool IsFrontDoor => Room is "AgentOps.Rca" or "AgentOps.Rca.AspNetCore" or "AgentOps.Rca.Mcp" or "AgentOps.Rca.Tool" || Room.StartsWith("Microsoft.", StringComparison.Ordinal);
}

/// <summary>The sources of the packages, read as text.</summary>
internal sealed partial class SourceTree
{
    private readonly HashSet<string> _rooms;

    private SourceTree(List<SourceFile> files)
    {
        Files = files;
        _rooms = files.Select(file => file.Room).ToHashSet(StringComparer.Ordinal);
        Arrows = files.Where(file => !file.IsFrontDoor)
            .SelectMany(file => file.Uses.Where(name => IsRoom(name) && name != file.Room).Select(name => (From: file.Room, To: name)))
            .ToLookup(arrow => arrow.From, arrow => arrow.To, StringComparer.Ordinal);
    }

    public static string Root { get; } = FindRoot();

    public IReadOnlyList<SourceFile> Files { get; }

    public ILookup<string, string> Arrows { get; }

    public static SourceTree Read()
    {
        var source = Path.Combine(Root, "src");
        return new SourceTree([.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(source, path).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal)
            .Select(path =>
            {
                var text = File.ReadAllText(path);
                return new SourceFile(
                    Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/'),
                    Namespace().Match(text) is { Success: true } found ? found.Groups[1].Value : "",
                    [.. Using().Matches(text).Select(match => match.Groups[1].Value)],
                    text.Count('\n'));
            })
            .Where(file => file.Room.Length > 0)]);
    }

    public bool IsRoom(string name) => _rooms.Contains(name) && name.StartsWith("AgentOps.Rca.", StringComparison.Ordinal) && name is not ("AgentOps.Rca.AspNetCore" or "AgentOps.Rca.Mcp" or "AgentOps.Rca.Tool");

    /// <summary>The room as a newcomer knows it: the package's part, and the first name below it.</summary>
    public static string Short(string room)
    {
        var names = room.Split('.').Skip(2).ToList();
        return names.Count == 0 ? "(core)" : string.Join('.', names.Take(names[0] is "AspNetCore" or "Mcp" or "Tool" ? 2 : 1));
    }

    /// <summary>Rooms that reach each other (Tarjan's strongly connected components of more than one).</summary>
    public List<List<string>> FindCircles()
    {
        var (index, low) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        var open = new Stack<string>();
        List<List<string>> circles = [];
        foreach (var room in _rooms.Where(IsRoom).Order(StringComparer.Ordinal).Where(room => !index.ContainsKey(room)))
        {
            Visit(room);
        }

        return circles;

        void Visit(string room)
        {
            index[room] = low[room] = index.Count;
            open.Push(room);
            foreach (var next in Arrows[room].Distinct())
            {
                if (!index.TryGetValue(next, out var seen))
                {
                    Visit(next);
                    low[room] = Math.Min(low[room], low[next]);
                }
                else if (open.Contains(next))
                {
                    low[room] = Math.Min(low[room], seen);
                }
            }

            if (low[room] == index[room])
            {
                List<string> group = [];
                do
                {
                    group.Add(open.Pop());
                }
                while (group[^1] != room);
                if (group.Count > 1)
                {
                    circles.Add([.. group.Order(StringComparer.Ordinal)]);
                }
            }
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (var at = new DirectoryInfo(start); at is not null; at = at.Parent)
            {
                if (File.Exists(Path.Combine(at.FullName, "AgentOps.Rca.sln")))
                {
                    return at.FullName;
                }
            }
        }

        throw new InvalidOperationException($"No AgentOps.Rca.sln lies above {AppContext.BaseDirectory}: the sources cannot be read.");
    }

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using\s+(?:static\s+)?([A-Z][\w.]*)\s*;", RegexOptions.Multiline)]
    private static partial Regex Using();
}
