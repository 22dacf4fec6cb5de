using AgentOps.Rca.Settings;

namespace AgentOps.Rca;

/// <summary>The library's own settings, and the names that they have in the environment.</summary>
internal static class AgentOpsRcaSettings
{
    public const string SupabaseDbUrl = "SUPABASE_DB_URL";
    public const string SupabaseUrl = "SUPABASE_URL";
    public const string SupabaseKey = "SUPABASE_KEY";
    public const string GroqApiKey = "GROQ_API_KEY";
    public const string GroqModel = "GROQ_MODEL";
    public const string ArtifactDirectory = "ARTIFACT_DIR";
    public const string ArtifactBucket = "ARTIFACT_BUCKET";
    public const string ApiKey = "AGENTOPS_API_KEY";
    public const string Keys = "AGENTOPS_KEYS";
    public const string SigningKey = "AGENTOPS_SIGNING_KEY";
    public const string TrustedKeys = "AGENTOPS_TRUSTED_KEYS";
    public const string FourEyes = "AGENTOPS_FOUR_EYES";

    public static readonly SettingsSection Section = new(SettingsSection.Root)
    {
        Aliases =
        [
            (SupabaseDbUrl, nameof(AgentOpsRcaOptions.SupabaseDbUrl)),
            (SupabaseUrl, nameof(AgentOpsRcaOptions.SupabaseUrl)),
            (SupabaseKey, nameof(AgentOpsRcaOptions.SupabaseKey)),
            ("AgentOpsRca:Groq:ApiKey", nameof(AgentOpsRcaOptions.GroqApiKey)),
            (GroqApiKey, nameof(AgentOpsRcaOptions.GroqApiKey)),
            (GroqModel, nameof(AgentOpsRcaOptions.GroqModel)),
            (ArtifactDirectory, nameof(AgentOpsRcaOptions.ArtifactDirectory)),
            (ArtifactBucket, nameof(AgentOpsRcaOptions.ArtifactBucket)),
            (ApiKey, nameof(AgentOpsRcaOptions.ApiKey)),
            (Keys, nameof(AgentOpsRcaOptions.Keys)),
            (SigningKey, nameof(AgentOpsRcaOptions.SigningKey)),
            (TrustedKeys, nameof(AgentOpsRcaOptions.TrustedKeys)),
            (FourEyes, nameof(AgentOpsRcaOptions.FourEyes)),
        ],
        Flags = [nameof(AgentOpsRcaOptions.FourEyes)],

        // The keys of callers and the rule of four eyes are not among them: where records are kept never opens what was closed.
        Outward =
        [
            nameof(AgentOpsRcaOptions.SupabaseDbUrl), nameof(AgentOpsRcaOptions.SupabaseUrl), nameof(AgentOpsRcaOptions.SupabaseKey),
            nameof(AgentOpsRcaOptions.GroqApiKey), nameof(AgentOpsRcaOptions.GroqModel), nameof(AgentOpsRcaOptions.ArtifactDirectory),
            nameof(AgentOpsRcaOptions.ArtifactBucket), nameof(AgentOpsRcaOptions.DataDirectory), nameof(AgentOpsRcaOptions.SigningKey),
            nameof(AgentOpsRcaOptions.TrustedKeys),
        ],
    };
}
