using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;

namespace AgentOps.Rca.WebHost;

/// <summary>The command that checks a bundle without a host, a store or a network.</summary>
internal static class VerifyCommand
{
    public const string Name = "verify";

    private const int Valid = 0;
    private const int NotValid = 1;

    private const string Usage = """
        Checks a bundle, reading nothing but the bundle and the keys.

          verify FILE --key PEM [--key PEM …] [--strict] [--all-checks] [--json]

        FILE          the bundle; - reads it from the standard input
        --key PEM     a file with public keys that are trusted, such as what GET /bundles/public-key of the maker's host answers
        --strict      asks for every check; without it a bundle is valid when it is intact and signed by a trusted key
        --all-checks  makes every check also when none of the keys has signed it; it is not valid then
        --json        prints the verification as JSON

        Exit code 0: valid. Exit code 1: not valid, no bundle, or the command cannot be carried out.
        """;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken = default)
    {
        if (HostHelp.IsAskedFor(arguments))
        {
            await output.WriteLineAsync(Usage);
            return Valid;
        }

        if (Read(arguments, out var options) is { } mistake)
        {
            await errors.WriteLineAsync($"{mistake}\n\n{Usage}");
            return NotValid;
        }

        try
        {
            await using var bundle = options!.File == "-" ? Console.OpenStandardInput() : File.OpenRead(options.File);
            return await VerifyAsync(bundle, options, output, errors, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            await errors.WriteLineAsync(failure.Message);
            return NotValid;
        }
    }

    private static async Task<int> VerifyAsync(
        Stream bundle, Options options, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        List<VerificationKey> keys = [];
        foreach (var path in options.Keys)
        {
            try
            {
                keys.AddRange(TrustedKeys.ReadAll(await File.ReadAllTextAsync(path, cancellationToken)));
            }
            catch (FormatException failure)
            {
                throw new FormatException($"The file '{path}' cannot be used: {failure.Message}", failure);
            }
        }

        var services = new ServiceCollection();
        services.AddSingleton<ISigningKeyProvider>(new TrustedKeys(keys));
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();
        var verifier = provider.GetRequiredService<IBundleVerifier>();
        var outcome = options.All ? await verifier.VerifyWhollyAsync(bundle, cancellationToken) : await verifier.VerifyAsync(bundle, cancellationToken);
        if (outcome is not BundleVerificationOutcome.Verified { Verification: var verification })
        {
            await errors.WriteLineAsync(((BundleVerificationOutcome.NotABundle)outcome).Reason);
            return NotValid;
        }

        var checks = verification.Checks.Named;
        if (options.Json)
        {
            await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(BundleVerificationJson.ToUtf8(verification)));
        }
        else
        {
            foreach (var (name, check) in checks)
            {
                await output.WriteLineAsync($"{(check.Ok ? "ok  " : "FAIL")}  {name,-8}  {check.Detail}");
            }

            await output.WriteLineAsync(verification.Valid ? "The bundle is valid." : "The bundle is NOT valid.");
        }

        return verification.Valid && (!options.Strict || checks.All(item => item.Check.Ok)) ? Valid : NotValid;
    }

    private static string? Read(string[] arguments, out Options? options)
    {
        options = null;
        string? file = null;
        List<string> keys = [];
        var (strict, all, json) = (false, false, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--key" when i + 1 < arguments.Length:
                    keys.Add(arguments[++i]);
                    break;
                case "--strict":
                    strict = true;
                    break;
                case "--all-checks":
                    all = true;
                    break;
                case "--json":
                    json = true;
                    break;
                case "--key":
                    return "--key needs the path of a file.";
                case ['-', _, ..] unknown:
                    return $"There is no option {unknown}.";
                default:
                    if (file is not null)
                    {
                        return "One bundle is checked at a time.";
                    }

                    file = arguments[i];
                    break;
            }
        }

        if (file is null || keys.Count == 0)
        {
            return file is null ? "Which bundle?" : "Which keys are trusted? The key inside a bundle proves nothing about who made it.";
        }

        options = new Options(file, keys, strict, all, json);
        return null;
    }

    private sealed record Options(string File, IReadOnlyList<string> Keys, bool Strict, bool All, bool Json);
}
