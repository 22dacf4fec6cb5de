using System.CommandLine;
using System.Text;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>verify BUNDLE --key PEM</c>: reads nothing but the bundle and the keys.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var bundle = CommonOptions.File("BUNDLE", "The bundle; - is the standard input.");
        var keys = new Option<string[]>("--key")
        {
            Description = "A file with public keys that are trusted, such as what GET /bundles/public-key of the maker's host answers.",
            Required = true,
        };
        var strict = new Option<bool>("--strict") { Description = "Asks for every check; without it a bundle is valid when it is intact and signed by a trusted key." };
        var all = new Option<bool>("--all-checks") { Description = "Makes every check also when none of the keys has signed it; it is not valid then." };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Checks a bundle. Ends with 0 when it is valid, with 1 when not.") { bundle, keys, strict, all, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(bundle)!, parsed.GetValue(keys) ?? [], parsed.GetValue(strict), parsed.GetValue(all), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string name, string[] keyFiles, bool strict, bool all, bool json, CancellationToken cancellationToken)
    {
        var keys = await BundleFiles.ReadKeysAsync(keyFiles, cancellationToken).ConfigureAwait(false);
        var services = ToolServices.Create(rca => rca.Services.AddSingleton<ISigningKeyProvider>(keys));
        await using var servicesDisposal = services.ConfigureAwait(false);
        var bundle = FileOpener.Open(name);
        await using var bundleDisposal = bundle.ConfigureAwait(false);
        var verifier = services.GetRequiredService<IBundleVerifier>();
        var outcome = all
            ? await verifier.VerifyWhollyAsync(bundle, cancellationToken).ConfigureAwait(false)
            : await verifier.VerifyAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (outcome is not BundleVerificationOutcome.Verified { Verification: var verification })
        {
            throw new ToolException(((BundleVerificationOutcome.NotABundle)outcome).Reason);
        }

        var checks = verification.Checks.Named;
        if (json)
        {
            await Console.Out.WriteLineAsync(Encoding.UTF8.GetString(BundleVerificationJson.ToUtf8(verification))).ConfigureAwait(false);
        }
        else
        {
            foreach (var (check, result) in checks)
            {
                Terminal.Out.Check($"{(result.Ok ? "ok  " : "FAIL")}  {check,-8}  {Plain.Line(result.Detail)}", result.Ok);
            }

            Terminal.Out.Heading(verification.Valid ? "The bundle is valid." : "The bundle is NOT valid.");
        }

        return verification.Valid && (!strict || checks.All(static item => item.Check.Ok)) ? ExitCode.Done : ExitCode.No;
    }
}
