using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Tests.House;

/// <summary>What docs/security.md and docs/asvs.md say of tests and lines is so: no line is missing or there twice, each test exists, and what is not met has a reason.</summary>
public sealed partial class SecurityDocTests
{
    // Levels 1 and 2 of ASVS 5.0.0, without chapters 10 and 17; each section goes from 1 to its number; what is of level 3 comes after.
    private static readonly Dictionary<string, int> Lines =
        """
        1.1=2 1.2=9 1.3=11 1.4=3 1.5=2
        2.1=3 2.2=3 2.3=4 2.4=1
        3.2=2 3.3=4 3.4=6 3.5=5 3.7=2
        4.1=3 4.2=1 4.3=2 4.4=4
        5.1=1 5.2=3 5.3=2 5.4=3
        6.1=3 6.2=12 6.3=4 6.4=4 6.5=5 6.6=3 6.8=4
        7.1=3 7.2=4 7.3=2 7.4=5 7.5=2 7.6=2
        8.1=2 8.2=3 8.3=1 8.4=1
        9.1=3 9.2=4
        11.1=2 11.2=3 11.3=3 11.4=4 11.5=1 11.6=1
        12.1=3 12.2=2 12.3=4
        13.1=1 13.2=5 13.3=2 13.4=5
        14.1=2 14.2=4 14.3=3
        15.1=3 15.2=3 15.3=7
        16.1=1 16.2=5 16.3=4 16.4=3 16.5=3
        """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static section => section.Split('='))
        .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static readonly string Asvs = Read("asvs.md");

    private static ILookup<string, string> Sources { get; } =
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal);

    [Fact]
    public void Every_test_that_the_documents_name_exists()
    {
        var named = Named().Matches(Asvs + Read("security.md"));

        Assert.True(named.Count > 100, "The table names no tests any more.");
        Assert.All(named, name => Assert.Contains(
            Sources[name.Groups["class"].Value],
            source => source.Contains($"class {name.Groups["class"].Value}", StringComparison.Ordinal)
                && (!name.Groups["method"].Success || source.Contains($" {name.Groups["method"].Value.TrimEnd('…')}", StringComparison.Ordinal))));
    }

    [Fact]
    public void Each_line_of_levels_1_and_2_is_stated_once()
    {
        var expected = Lines.SelectMany(static section => Enumerable.Range(1, section.Value).Select(last => $"{section.Key}.{last}"));
        var stated = Rows(Asvs).SelectMany(static row => Line().Matches(row[0]).Select(static match => match.Value));

        Assert.Equal(expected.Order(StringComparer.Ordinal), stated.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_met_names_a_test_and_what_is_not_gives_a_reason()
    {
        var met = Rows(Part("## Met"));
        var others = Rows(Part("## Left to")).Concat(Rows(Part("## Not met"))).Concat(Rows(Part("## Of what"))).ToList();
        var top10 = Rows(Part("## The OWASP API"));

        Assert.All(met, static row => Assert.Matches(Named(), row[2]));
        Assert.True(others.Count > 15);
        Assert.All(others, static row => Assert.True(row[1].Length > 10, row[0]));
        Assert.Equal(Enumerable.Range(1, 10).Select(static number => $"API{number}"), top10.Select(static row => row[0].Split(' ')[0]));
        Assert.All(top10, static row => Assert.True(row[1] == "met" && Named().IsMatch(row[3]), row[0]));
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(SourceTree.Root, "docs", name));

    private static string Part(string heading)
    {
        var from = Asvs.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, heading);
        var to = Asvs.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return Asvs[from..(to < 0 ? Asvs.Length : to)];
    }

    private static List<string[]> Rows(string text) =>
        [.. text.Split('\n').Where(static line => Row().IsMatch(line)).Select(static line => line.Trim('|', ' ').Split('|').Select(static cell => cell.Trim()).ToArray())];

    [GeneratedRegex(@"`(?<class>[A-Z]\w+Tests)(?:\.(?<method>[A-Z]\w+_?…?))?`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\| (?:API\d+|\d+\.\d+\.\d+)")]
    private static partial Regex Row();

    [GeneratedRegex(@"\b\d+\.\d+\.\d+\b")]
    private static partial Regex Line();
}
