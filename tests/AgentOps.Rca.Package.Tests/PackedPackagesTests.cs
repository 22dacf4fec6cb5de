using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace AgentOps.Rca.Package.Tests;

public sealed class PackedPackagesTests : IDisposable
{
    private static readonly string[] Packages = ["AgentOps.Rca", "AgentOps.Rca.Sqlite", "AgentOps.Rca.AspNetCore", "AgentOps.Rca.Testing"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_console_program_of_25_lines_that_restores_the_packed_packages_analyses_an_incident_with_fake_stores()
    {
        // A version of its own, so that no cache answers with the packages of an earlier run.
        var version = $"0.0.1-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";
        foreach (var package in Packages)
        {
            await Repository.RunAsync(
                Repository.Root, "dotnet", "pack", $"src/{package}", "-c", "Release", "-o", _directory["feed"], $"-p:MinVerVersionOverride={version}",
                "--artifacts-path", _directory["build"], "-nologo", "-v", "quiet");
        }

        AssertComplete(version);
        var source = Path.Combine(AppContext.BaseDirectory, "Consumer");
        Directory.CreateDirectory(_directory["consumer"]);
        File.Copy(Path.Combine(source, "Program.cs.txt"), _directory["consumer/Program.cs"]);
        File.Copy(Path.Combine(source, "Consumer.csproj.txt"), _directory["consumer/Consumer.csproj"]);
        Assert.InRange(File.ReadLines(_directory["consumer/Program.cs"]).Count(line => line.Length > 0), 1, 25);
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await Repository.RunAsync(
            _directory["consumer"], "dotnet", "build", "-nologo", "-v", "quiet", $"-p:RcaVersion={version}",
            $"-p:RestoreAdditionalProjectSources={_directory["feed"]}", $"-p:RestorePackagesPath={_directory["packages"]}",
            $"-p:RestoreFallbackFolders={packages}");
        var output = await Repository.RunAsync(_directory["consumer"], "dotnet", "bin/Debug/net10.0/Consumer.dll");
        Assert.StartsWith("Identified: ", output, StringComparison.Ordinal);
        Assert.Contains("carrier.book", output, StringComparison.Ordinal);
    }

    private void AssertComplete(string version)
    {
        foreach (var package in Packages)
        {
            using var archive = ZipFile.OpenRead(_directory[$"feed/{package}.{version}.nupkg"]);
            var names = archive.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains("README.md", names);
            Assert.Contains($"lib/net10.0/{package}.dll", names);
            Assert.Contains($"lib/net10.0/{package}.xml", names);
            using var reader = new StreamReader(archive.GetEntry($"{package}.nuspec")!.Open());
            Assert.Contains("<license type=\"expression\">MIT</license>", reader.ReadToEnd(), StringComparison.Ordinal);
            Assert.True(File.Exists(_directory[$"feed/{package}.{version}.snupkg"]));
        }

        AssertPageIsSmall(version);
    }

    // What the page is of the package: its files as they lie in the assembly, already packed.
    private void AssertPageIsSmall(string version)
    {
        using var archive = ZipFile.OpenRead(_directory[$"feed/AgentOps.Rca.AspNetCore.{version}.nupkg"]);
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

        Assert.InRange(total, 10_000, 150 * 1024);
    }
}
