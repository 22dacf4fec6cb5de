using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca;

/// <summary>The rules across settings. No sentence repeats the value of a secret.</summary>
internal static class AgentOpsRcaRules
{
    public static IEnumerable<SettingMistake> Find(AgentOpsRcaOptions options)
    {
        if (options.SupabaseDbUrl is { } connectionString
            && SupabaseConnectionString.FindProblem(connectionString, AgentOpsRcaSettings.SupabaseDbUrl) is { } problem)
        {
            yield return new(nameof(options.SupabaseDbUrl), AfterName(problem, AgentOpsRcaSettings.SupabaseDbUrl));
        }

        if (options.SupabaseUrl is { } url && !IsHttpAddress(url))
        {
            yield return new(
                nameof(options.SupabaseUrl),
                "must be an absolute http or https address, such as https://<ref>.supabase.co, without a user or a password in it.");
        }

        if (options is { SupabaseDbUrl: null, SupabaseUrl: not null, SupabaseKey: null })
        {
            yield return new(
                nameof(options.SupabaseUrl),
                $"is set without {AgentOpsRcaSettings.SupabaseKey}; set both, or {AgentOpsRcaSettings.SupabaseDbUrl}.");
        }

        if (options is { SupabaseDbUrl: null, SupabaseUrl: null, SupabaseKey: not null })
        {
            yield return new(
                nameof(options.SupabaseKey),
                $"is set without {AgentOpsRcaSettings.SupabaseUrl}; set both, or {AgentOpsRcaSettings.SupabaseDbUrl}.");
        }

        foreach (var mistake in FindInBucket(options))
        {
            yield return mistake;
        }

        if (options.GroqModel.Split(',').Any(string.IsNullOrWhiteSpace))
        {
            yield return new(nameof(options.GroqModel), "must name at least one model, and no empty one between its commas.");
        }

        if (options.ArtifactDirectory is { } directory && File.Exists(directory))
        {
            yield return new(nameof(options.ArtifactDirectory), $"names a file, '{directory}'; it must be a directory.");
        }

        if (ConfiguredCallerKeys.FindProblem(options.Keys) is { } wrong)
        {
            yield return new(nameof(options.Keys), wrong);
        }

        if (ConfiguredSigningKeys.FindProblem(options) is { } keyProblem)
        {
            yield return keyProblem.StartsWith(AgentOpsRcaSettings.TrustedKeys, StringComparison.Ordinal)
                ? new(nameof(options.TrustedKeys), AfterName(keyProblem, AgentOpsRcaSettings.TrustedKeys))
                : new(
                    options.SigningKey is null ? nameof(options.DataDirectory) : nameof(options.SigningKey),
                    AfterName(keyProblem, AgentOpsRcaSettings.SigningKey));
        }
    }

    private static IEnumerable<SettingMistake> FindInBucket(AgentOpsRcaOptions options)
    {
        if (options.ArtifactBucket is not { } bucket)
        {
            yield break;
        }

        if (bucket.Length is 0 or > 63 || bucket.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
        {
            yield return new(
                nameof(options.ArtifactBucket), "must be the name of a bucket: at most 63 letters, digits, hyphens, underscores and dots.");
        }

        if (options.SupabaseUrl is null || options.SupabaseKey is null)
        {
            yield return new(
                nameof(options.ArtifactBucket),
                $"needs {AgentOpsRcaSettings.SupabaseUrl} and {AgentOpsRcaSettings.SupabaseKey}, which the Storage API of the project is reached with.");
        }

        if (options.ArtifactDirectory is not null)
        {
            yield return new(
                nameof(options.ArtifactBucket), $"and {AgentOpsRcaSettings.ArtifactDirectory} are both set; content is kept in one place.");
        }
    }

    private static string AfterName(string sentence, string name) =>
        sentence.StartsWith(name + " ", StringComparison.Ordinal) ? sentence[(name.Length + 1)..]
        : $"cannot be used: {(sentence.StartsWith(name + ": ", StringComparison.Ordinal) ? sentence[(name.Length + 2)..] : sentence)}";

    private static bool IsHttpAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.UserInfo.Length == 0;
}
