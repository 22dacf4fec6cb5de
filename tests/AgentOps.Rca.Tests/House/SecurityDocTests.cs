using System.Text.RegularExpressions;

namespace AgentOps.Rca.Tests.House;

/// <summary>What docs/security.md says of tests is true: each one that it names exists.</summary>
public sealed partial class SecurityDocTests
{
    [Fact]
    public async Task Every_test_that_the_table_of_ASVS_names_exists()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs", "security.md"), TestContext.Current.CancellationToken);
        var named = Named().Matches(document);
        var sources = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal);

        Assert.True(named.Count > 10, "The table names no tests any more.");
        Assert.All(named, name => Assert.Contains(
            sources[name.Groups["class"].Value],
            source => source.Contains($"class {name.Groups["class"].Value}", StringComparison.Ordinal)
                && (!name.Groups["method"].Success || source.Contains($" {name.Groups["method"].Value.TrimEnd('…')}", StringComparison.Ordinal))));
    }

    [GeneratedRegex(@"`(?<class>[A-Z]\w+Tests)(?:\.(?<method>[A-Z]\w+_?…?))?`")]
    private static partial Regex Named();
}
