using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca;

/// <summary>The rules across settings. Each failure names the setting, and never its value when that is a secret.</summary>
internal sealed class AgentOpsRcaOptionsValidator : IValidateOptions<AgentOpsRcaOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentOpsRcaOptions options)
    {
        var failures = new List<string>();
        if (options.SupabaseDbUrl is { } connectionString
            && SupabaseConnectionString.FindProblem(connectionString, AgentOpsRcaEnvironment.SupabaseDbUrl) is { } problem)
        {
            failures.Add(problem);
        }

        if (options.SupabaseUrl is { } url && !IsHttpAddress(url))
        {
            failures.Add($"{AgentOpsRcaEnvironment.SupabaseUrl} must be an absolute http or https address, such as https://<ref>.supabase.co, without a user or a password in it.");
        }

        if (options.SupabaseDbUrl is null && options.SupabaseUrl is not null && options.SupabaseKey is null)
        {
            failures.Add($"{AgentOpsRcaEnvironment.SupabaseUrl} is set without {AgentOpsRcaEnvironment.SupabaseKey}; set both, or {AgentOpsRcaEnvironment.SupabaseDbUrl}.");
        }

        if (options.SupabaseDbUrl is null && options.SupabaseUrl is null && options.SupabaseKey is not null)
        {
            failures.Add($"{AgentOpsRcaEnvironment.SupabaseKey} is set without {AgentOpsRcaEnvironment.SupabaseUrl}; set both, or {AgentOpsRcaEnvironment.SupabaseDbUrl}.");
        }

        if (options.ArtifactBucket is { } bucket)
        {
            AddBucketFailures(options, bucket, failures);
        }

        if (options.GroqModel.Split(',').Any(string.IsNullOrWhiteSpace))
        {
            failures.Add($"{AgentOpsRcaEnvironment.GroqModel} must name at least one model, and no empty one between its commas.");
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            failures.Add($"{nameof(AgentOpsRcaOptions.DataDirectory)} must name a directory.");
        }

        if (options.ArtifactDirectory is { } directory && File.Exists(directory))
        {
            failures.Add($"{AgentOpsRcaEnvironment.ArtifactDirectory} names a file, '{directory}'; it must be a directory.");
        }

        if (ConfiguredSigningKeys.FindProblem(options) is { } keyProblem)
        {
            failures.Add(keyProblem);
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void AddBucketFailures(AgentOpsRcaOptions options, string bucket, List<string> failures)
    {
        if (bucket.Length is 0 or > 63 || bucket.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
        {
            failures.Add(
                $"{AgentOpsRcaEnvironment.ArtifactBucket} must be the name of a bucket: at most 63 letters, digits, hyphens, underscores and dots.");
        }

        if (options.SupabaseUrl is null || options.SupabaseKey is null)
        {
            failures.Add(
                $"{AgentOpsRcaEnvironment.ArtifactBucket} needs {AgentOpsRcaEnvironment.SupabaseUrl} and {AgentOpsRcaEnvironment.SupabaseKey}, "
                + "which the Storage API of the project is reached with.");
        }

        if (options.ArtifactDirectory is not null)
        {
            failures.Add(
                $"{AgentOpsRcaEnvironment.ArtifactBucket} and {AgentOpsRcaEnvironment.ArtifactDirectory} are both set; content is kept in one place.");
        }
    }

    private static bool IsHttpAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.UserInfo.Length == 0;
}
