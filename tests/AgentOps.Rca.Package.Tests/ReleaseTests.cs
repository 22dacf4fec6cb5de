using System.Diagnostics;
using System.Text.Json;

namespace AgentOps.Rca.Package.Tests;

/// <summary>eng/release.sh as CONTRIBUTING.md has one use it, on a copy of what it changes; only the packing itself is that of <see cref="PackedPackages"/>.</summary>
public sealed class ReleaseTests : IDisposable
{
    private const string Version = "987.6.5";

    private readonly TemporaryDirectory _copy = new();

    public ReleaseTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is one of Bash.");
        string[] files = ["CHANGELOG.md", "eng/release.sh", "eng/public-api.sh"];
        foreach (var file in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).SelectMany(project => Directory.EnumerateFiles(project, "PublicAPI.*.txt"))
            .Concat(files.Select(file => Path.Combine(Repository.Root, file))))
        {
            var copy = _copy[Path.GetRelativePath(Repository.Root, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public void Dispose() => _copy.Dispose();

    [Fact]
    public async Task What_is_unreleased_gets_the_version_and_what_is_public_is_shipped()
    {
        var (shipped, unshipped) = (_copy["src/AgentOps.Rca.Mcp/PublicAPI.Shipped.txt"], _copy["src/AgentOps.Rca.Mcp/PublicAPI.Unshipped.txt"]);
        await File.WriteAllLinesAsync(shipped, ["#nullable enable", "A.Old() -> void", "B.Kept() -> void"], TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(unshipped, ["#nullable enable", "*REMOVED*A.Old() -> void", "C.New() -> void"], TestContext.Current.CancellationToken);
        await Repository.RunAsync(_copy.Path, "eng/release.sh", "prepare", Version);

        var headings = File.ReadLines(_copy["CHANGELOG.md"]).Where(line => line.StartsWith("## ", StringComparison.Ordinal)).ToList();
        Assert.Equal("## [Unreleased]", headings[0]);
        Assert.Matches($@"^## \[{Version}\] - [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$", headings[1]);
        Assert.Equal(File.ReadLines(Path.Combine(Repository.Root, "CHANGELOG.md")).Count(line => line.StartsWith("## ", StringComparison.Ordinal)) + 1, headings.Count);
        Assert.Equal(["#nullable enable", "B.Kept() -> void", "C.New() -> void"], File.ReadLines(shipped));
        foreach (var file in Directory.EnumerateFiles(_copy["src"], "PublicAPI.Unshipped.txt", SearchOption.AllDirectories))
        {
            Assert.Equal(["#nullable enable"], File.ReadLines(file));
        }
    }

    [Fact]
    public async Task Nothing_is_packed_without_a_tag_or_without_its_part_of_the_changelog_and_no_version_is_made_up()
    {
        await Repository.RunAsync(_copy.Path, "git", "init", "--quiet");
        await Repository.RunAsync(_copy.Path, "git", "add", "--all");
        await Repository.RunAsync(_copy.Path, "git", "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgSign=false", "commit", "--quiet", "--message", "As it is");
        Assert.Contains("HEAD has no tag", await RefusedAsync("pack", "packages"), StringComparison.Ordinal);
        await Repository.RunAsync(_copy.Path, "git", "tag", $"v{Version}");
        Assert.Contains($"CHANGELOG.md has no part [{Version}].", await RefusedAsync("pack", "packages"), StringComparison.Ordinal);
        Assert.Contains("1.x is no version.", await RefusedAsync("prepare", "1.x"), StringComparison.Ordinal);
        Assert.Contains("eng/release.sh prepare", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_package_has_a_list_of_what_it_is_made_of_without_what_only_builds_it()
    {
        using var boms = new TemporaryDirectory();
        await Repository.RunAsync(Repository.Root, "eng/release.sh", "bom", boms.Path, Version);
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            using var bom = JsonDocument.Parse(await File.ReadAllBytesAsync(boms[$"{name}.{Version}.cdx.json"], TestContext.Current.CancellationToken));
            var made = bom.RootElement.GetProperty("metadata").GetProperty("component");
            Assert.Equal(("CycloneDX", name, Version), (bom.RootElement.GetProperty("bomFormat").GetString(), made.GetProperty("name").GetString(), made.GetProperty("version").GetString()));
            var parts = bom.RootElement.GetProperty("components").EnumerateArray().Select(part => part.GetProperty("name").GetString()).ToList();
            Assert.Contains("Npgsql", parts);
            Assert.DoesNotContain(parts, part => part is "MinVer" || part!.Contains("Analyzers", StringComparison.Ordinal));
            Assert.All(bom.RootElement.GetProperty("components").EnumerateArray(), part => Assert.True(part.TryGetProperty("licenses", out _), part.GetRawText()));
        }
    }

    [Fact]
    public async Task The_notes_of_a_release_are_its_part_of_the_changelog()
    {
        var changelog = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "CHANGELOG.md"), TestContext.Current.CancellationToken);
        var part = changelog.Split("\n## [0.1.0]")[1].Split("\n## [")[0];
        var lines = part.Split('\n')[1..].Where(line => line.Length > 0).ToList();
        Assert.NotEmpty(lines);
        var notes = await Repository.RunAsync(
            Repository.Root, "dotnet", "msbuild", "src/AgentOps.Rca", "-t:TakeReleaseNotes", "-getProperty:PackageReleaseNotes", "-p:Configuration=Release", "-p:MinVerVersionOverride=0.1.0", "-nologo");
        Assert.All(lines, line => Assert.Contains(line.Replace("](docs/", "](https://github.com/agentops-rca/agentops-rca/blob/main/docs/", StringComparison.Ordinal), notes, StringComparison.Ordinal));
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(_copy["eng/release.sh"], arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
        return said;
    }
}
