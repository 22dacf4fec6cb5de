using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>The modules are JavaScript with types in their comments, which the checker of TypeScript holds them to.</summary>
public sealed partial class CheckedModulesTests
{
    [Fact]
    public async Task No_type_of_the_modules_is_wrong()
    {
        var program = Path.Combine(Root(), "eng", "page", "node_modules", "typescript", "bin", "tsc");
        Requires(File.Exists(program), "TypeScript is not installed: npm install --prefix eng/page");
        Assert.Equal("", await CheckAsync(program, Path.Combine(Root(), "eng", "page", "tsconfig.json")));
    }

    [Fact]
    public async Task The_check_sees_what_is_wrong()
    {
        var program = Path.Combine(Root(), "eng", "page", "node_modules", "typescript", "bin", "tsc");
        Requires(File.Exists(program), "TypeScript is not installed: npm install --prefix eng/page");
        var directory = Directory.CreateTempSubdirectory("agentops-rca-types");
        try
        {
            var dom = await File.ReadAllTextAsync(Path.Combine(Modules(), "dom.js"), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "dom.js"), dom, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(directory.FullName, "wrong.js"), "import { badge } from \"./dom.js\";\nbadge(\"red\", 1);\n", TestContext.Current.CancellationToken);
            var settings = await File.ReadAllTextAsync(Path.Combine(Root(), "eng", "page", "tsconfig.json"), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(directory.FullName, "tsconfig.json"), Include().Replace(settings, "\"include\": [\"*.js\"]"), TestContext.Current.CancellationToken);

            Assert.Contains("wrong.js(2,7): error", await CheckAsync(program, Path.Combine(directory.FullName, "tsconfig.json")), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_module_names_only_modules_that_there_are_and_markup_enters_nowhere()
    {
        foreach (var file in Directory.EnumerateFiles(Modules(), "*.js"))
        {
            var text = File.ReadAllText(file);
            Assert.All(Import().Matches(text).Select(match => match.Groups[1].Value), name => Assert.True(File.Exists(Path.Combine(Modules(), name)), $"{Path.GetFileName(file)} names {name}."));
            Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setAttribute\(""(style|on)|\.style\.cssText", text);
        }
    }

    private static async Task<string> CheckAsync(string program, string project)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [program, "--pretty", "false", "-p", project]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(said.Length == 0, process.ExitCode == 0);
        return said.Trim();
    }

    private static void Requires(bool isThere, string what)
    {
        Assert.SkipUnless(isThere || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", what);
        Assert.True(isThere, what);
    }

    private static string Modules() => Path.Combine(Root(), "src", "AgentOps.Rca.AspNetCore", "Page", "modules");

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex("(?:from|import) \"\\./([^\"]+)\"")]
    private static partial Regex Import();

    [GeneratedRegex("\"include\": \\[[^\\]]*\\]")]
    private static partial Regex Include();
}
