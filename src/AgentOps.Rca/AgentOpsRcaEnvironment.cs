using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca;

/// <summary>Reads the settings from the application's configuration, or from the environment where there is none.</summary>
internal sealed class AgentOpsRcaEnvironment : IConfigureOptions<AgentOpsRcaOptions>
{
    public const string SupabaseDbUrl = "SUPABASE_DB_URL";
    public const string SupabaseUrl = "SUPABASE_URL";
    public const string SupabaseKey = "SUPABASE_KEY";
    public const string GroqApiKey = "GROQ_API_KEY";
    public const string GroqModel = "GROQ_MODEL";
    public const string ArtifactDirectory = "ARTIFACT_DIR";
    public const string ArtifactBucket = "ARTIFACT_BUCKET";
    public const string ApiKey = "AGENTOPS_API_KEY";
    public const string SigningKey = "AGENTOPS_SIGNING_KEY";
    public const string TrustedKeys = "AGENTOPS_TRUSTED_KEYS";
    public const string FourEyes = "AGENTOPS_FOUR_EYES";

    private readonly IConfiguration? _configuration;

    public AgentOpsRcaEnvironment(IConfiguration? configuration = null) => _configuration = configuration;

    public void Configure(AgentOpsRcaOptions options)
    {
        options.SupabaseDbUrl = Read(SupabaseDbUrl) ?? options.SupabaseDbUrl;
        options.SupabaseUrl = Read(SupabaseUrl) ?? options.SupabaseUrl;
        options.SupabaseKey = Read(SupabaseKey) ?? options.SupabaseKey;
        options.GroqApiKey = Read(GroqApiKey) ?? options.GroqApiKey;
        options.GroqModel = Read(GroqModel) ?? options.GroqModel;
        options.ArtifactDirectory = Read(ArtifactDirectory) ?? options.ArtifactDirectory;
        options.ArtifactBucket = Read(ArtifactBucket) ?? options.ArtifactBucket;
        options.ApiKey = Read(ApiKey) ?? options.ApiKey;
        options.SigningKey = Read(SigningKey) ?? options.SigningKey;
        options.TrustedKeys = Read(TrustedKeys) ?? options.TrustedKeys;
        options.FourEyes = Read(FourEyes) is { } rule ? ReadFlag(FourEyes, rule) : options.FourEyes;
    }

    private static bool ReadFlag(string name, string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "ON" or "YES" => true,
        "FALSE" or "0" or "OFF" or "NO" => false,
        _ => throw new OptionsValidationException(name, typeof(AgentOpsRcaOptions), [$"{name} must be true or false."]),
    };

    // A variable that is set to nothing, as .env files have them, is not set.
    private string? Read(string name) =>
        (_configuration is null ? Environment.GetEnvironmentVariable(name) : _configuration[name]) is { } value
        && !string.IsNullOrWhiteSpace(value)
            ? value.Trim()
            : null;
}
