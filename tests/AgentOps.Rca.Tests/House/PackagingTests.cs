using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AgentOps.Rca.Tests.House;

/// <summary>What is published, and from what.</summary>
public sealed partial class PackagingTests
{
    // What an embedder has to look through. Views are what IIncidentReader and IRunReader answer with, one record a thing that is shown.
    private const int MostTypes = 180;
    private const int MostViews = 75;

    [Fact]
    public void What_is_public_of_the_core_stays_small_enough_to_be_looked_through()
    {
        var types = typeof(AgentOpsRcaOptions).Assembly.GetExportedTypes().Where(type => !type.IsNested).ToList();
        var views = types.Count(type => type.Namespace == "AgentOps.Rca.Reading");
        Assert.True(views <= MostViews, $"{views} types of Reading are public.");
        Assert.True(types.Count - views <= MostTypes, $"{types.Count - views} types are public beside those of Reading.");
    }

    [Fact]
    public void Each_package_writes_down_what_is_public_of_it()
    {
        // The suites of tests are classes to derive from; xunit finds what it runs by being public. Nobody refers to a tool.
        var packages = Projects().Where(project => project.Text.Contains("<ProjectKind>Library</ProjectKind>", StringComparison.Ordinal))
            .Where(project => project.Name is not "AgentOps.Rca.Testing" && !project.Text.Contains("<PackAsTool>", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(packages);
        Assert.Empty(packages.Where(project => !File.Exists(Path.Combine(project.Directory, "PublicAPI.Shipped.txt"))).Select(project => project.Name));
        Assert.Empty(packages.Where(project => !File.Exists(Path.Combine(project.Directory, "PublicAPI.Unshipped.txt"))).Select(project => project.Name));
    }

    [Fact]
    public void Each_package_version_that_is_named_is_used()
    {
        var used = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "eng"), "*.targets").Select(File.ReadAllText)
            .Concat(Projects().Select(project => project.Text))
            .SelectMany(text => References().Matches(text).Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(version => version.Attribute("Include")!.Value).ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(used, StringComparer.OrdinalIgnoreCase));
    }

    private static IEnumerable<(string Name, string Directory, string Text)> Projects() =>
        new[] { "src", "tests", "samples", "benchmarks", "evals" }
            .SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, folder)))
            .SelectMany(directory => Directory.EnumerateFiles(directory, "*.csproj"))
            .Select(path => (Path.GetFileNameWithoutExtension(path), Path.GetDirectoryName(path)!, File.ReadAllText(path)));

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex References();
}
