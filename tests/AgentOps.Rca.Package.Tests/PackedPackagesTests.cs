using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AgentOps.Rca.Package.Tests;

[Collection<PackedOnce>]
public sealed partial class PackedPackagesTests(PackedPackages packages)
{
    private const string Repo = "https://github.com/agentops-rca/agentops-rca";

    public static TheoryData<string> All => new(PackedPackages.Names);

    [Theory]
    [MemberData(nameof(All))]
    public void A_package_says_what_it_is_where_it_comes_from_and_what_is_new(string package)
    {
        using var archive = ZipFile.OpenRead(packages[$"feed/{package}.{packages.Version}.nupkg"]);
        var names = archive.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("README.md", names);
        Assert.Contains("icon.png", names);
        Assert.Contains($"lib/net10.0/{package}.dll", names);
        Assert.Contains($"lib/net10.0/{package}.xml", names);
        Assert.True(File.Exists(packages[$"feed/{package}.{packages.Version}.snupkg"]));

        var metadata = XDocument.Parse(Read(archive, $"{package}.nuspec")).Root!.Elements().Single();
        string Of(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal(("MIT", "icon.png", Repo), (Of("license"), Of("icon"), Of("projectUrl")));
        Assert.Contains("opentelemetry", Of("tags").Split(' '));
        Assert.InRange(Of("description").Length, 40, 300);
        Assert.EndsWith($"{Repo}/blob/main/CHANGELOG.md", Of("releaseNotes"), StringComparison.Ordinal);
        Assert.DoesNotContain("](docs/", Of("releaseNotes"), StringComparison.Ordinal);
        Assert.Equal(Repo, metadata.Elements().Single(element => element.Name.LocalName == "repository").Attribute("url")!.Value);

        // The packages use each other's internals: one is only right with the others of its version.
        Assert.All(
            metadata.Descendants().Where(element => element.Name.LocalName == "dependency" && element.Attribute("id")!.Value.StartsWith("AgentOps.", StringComparison.Ordinal)),
            dependency => Assert.Equal($"[{packages.Version}]", dependency.Attribute("version")!.Value));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_links_of_a_package_s_readme_lead_to_files_of_this_repository(string package)
    {
        using var archive = ZipFile.OpenRead(packages[$"feed/{package}.{packages.Version}.nupkg"]);
        var links = Links().Matches(Read(archive, "README.md")).Select(match => match.Groups[1].Value).Where(link => link.StartsWith(Repo, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(File.Exists(Path.Combine(Repository.Root, link[$"{Repo}/blob/main/".Length..])), link));
    }

    [Fact]
    public async Task A_console_program_of_25_lines_analyses_an_incident_with_fake_stores()
    {
        Assert.InRange(File.ReadLines(packages["consumers/Console/Program.cs"]).Count(line => line.Length > 0), 1, 25);
        var line = Assert.Single(await packages.RunAsync("Console"));
        Assert.StartsWith("Identified: ", line, StringComparison.Ordinal);
        Assert.Contains("carrier.book", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_without_HTTP_records_its_agent_and_is_told_of_the_incident_with_its_cause()
    {
        var line = (await packages.RunAsync("Worker")).Single(line => line.StartsWith("agent_error: ", StringComparison.Ordinal));
        Assert.StartsWith("agent_error: Identified: tool.call/carrier.book ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_keeps_its_own_sign_in_health_description_and_problems()
    {
        Assert.Equal(
            [
                "health: Healthy",
                "nobody reads: 401",
                "bob opens: 201",
                "bob analyses: 403",
                "ana analyses: 200, inconclusive",
                "unknown incident: 404, shop yes, trace True",
                "own failure: 500, shop yes",
                "described: /orders /boom",
                "its own description has incidents: True",
            ],
            await packages.RunAsync("Web"));
    }

    [Fact]
    public async Task Incidents_may_lie_in_a_context_of_EF_Core()
    {
        var lines = await packages.RunAsync("EntityFramework");
        Assert.StartsWith("Identified: tool.call/carrier.book ", lines[0], StringComparison.Ordinal);
        Assert.Equal(["Recorded", "approved"], lines.Skip(1));
    }

    [Fact]
    public async Task A_store_of_one_s_own_is_checked_by_the_suite_that_is_packed()
    {
        var total = (await packages.RunAsync("OwnStore")).Select(line => Total().Match(line)).Single(match => match.Success);
        Assert.InRange(int.Parse(total.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), 15, 1_000);
        Assert.Equal(("0", "0"), (total.Groups[2].Value, total.Groups[3].Value));
    }

    [Fact]
    public async Task A_program_that_is_published_natively_without_a_warning_analyses_and_exports()
    {
        var lines = await packages.RunNativeAsync("Aot");
        Assert.StartsWith("Identified: tool.call/carrier.book ", lines[0], StringComparison.Ordinal);
        Assert.Equal("valid", lines[1]);
    }

    // What the page is of the package: its files as they lie in the assembly, already packed.
    [Fact]
    public void The_page_is_a_small_part_of_its_package()
    {
        using var archive = ZipFile.OpenRead(packages[$"feed/AgentOps.Rca.AspNetCore.{packages.Version}.nupkg"]);
        using var library = new MemoryStream();
        using (var stored = archive.GetEntry("lib/net10.0/AgentOps.Rca.AspNetCore.dll")!.Open())
        {
            stored.CopyTo(library);
        }

        library.Position = 0;
        using var file = new PEReader(library);
        var metadata = file.GetMetadataReader();
        var resources = file.GetSectionData(file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
        var total = 0L;
        foreach (var resource in metadata.ManifestResources.Select(metadata.GetManifestResource))
        {
            if (metadata.GetString(resource.Name) is var name && (name.StartsWith("page/", StringComparison.Ordinal) || name == "page.html"))
            {
                total += resources.GetReader((int)resource.Offset, sizeof(int)).ReadInt32();
            }
        }

        var told = int.Parse(Size().Match(File.ReadAllText(Path.Combine(Repository.Root, "docs", "page.md"))).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(total / 1024.0, told - 5, told + 5);
        Assert.InRange(told, 10, 150);
    }

    private static string Read(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"about (\d+) KB packed")]
    private static partial Regex Size();

    [GeneratedRegex(@"Total: (\d+), Errors: (\d+), Failed: (\d+)")]
    private static partial Regex Total();
}
