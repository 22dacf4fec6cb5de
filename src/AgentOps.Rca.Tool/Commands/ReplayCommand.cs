using System.CommandLine;
using System.Globalization;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>replay BUNDLE</c>: makes the reports of a bundle again from what it holds.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var bundle = CommonOptions.File("BUNDLE", "The bundle; - is the standard input.");
        var json = CommonOptions.Json();
        var command = new Command("replay", "Replays a bundle without its host. Ends with 0 when it is reproduced, with 1 when not. Who signed it, verify tells.") { bundle, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(bundle)!, parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string name, bool json, CancellationToken cancellationToken)
    {
        var services = ToolServices.Create();
        await using var servicesDisposal = services.ConfigureAwait(false);
        var file = FileOpener.Open(name);
        await using var fileDisposal = file.ConfigureAwait(false);
        var bundle = await OpenedBundle.OpenAsync(file, cancellationToken).ConfigureAwait(false);
        await using var bundleDisposal = bundle.ConfigureAwait(false);
        if (bundle.Fault is { } fault)
        {
            throw new ToolException($"{(bundle.IsNoBundle ? "It is no bundle" : "The bundle is not as it was exported")}: {fault.Reason} ({fault.Region})");
        }

        var result = await BundleReplay.RunAsync(bundle.Content!, services.GetServices<IRcaEngine>(), cancellationToken).ConfigureAwait(false);
        if (json)
        {
            await Console.Out.WriteLineAsync(Encoding.UTF8.GetString(ReplayJson.ToUtf8(result))).ConfigureAwait(false);
        }
        else
        {
            Print(Terminal.Out, result);
        }

        return result.Verdict == ReplayVerdict.Reproduced ? ExitCode.Done : ExitCode.No;
    }

    private static void Print(IAnsiConsole console, ReplayResult result)
    {
        console.Heading(result.Verdict.ToString());
        console.Text(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.SpanCount} spans walked, {result.ArtifactCount} artifacts, {result.Analyses.Count} {(result.Analyses.Count == 1 ? "analysis" : "analyses")} made again, replay digest {result.ReplayDigest}"));
        foreach (var deviation in result.Deviations)
        {
            console.Text($"  {Plain.Line(deviation.Message)}");
        }
    }
}
