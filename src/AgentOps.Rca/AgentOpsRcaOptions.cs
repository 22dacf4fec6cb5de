using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca;

/// <summary>
/// The settings of the library. <c>AddAgentOpsRca()</c> reads each one from the configuration, or from the environment where there is none:
/// from the section <c>AgentOpsRca</c> under its own name, such as <c>AgentOpsRca:FourEyes</c>, else under the name given here. What is set in
/// code wins. Paths are relative to the host's content root.
/// </summary>
public sealed class AgentOpsRcaOptions
{
    internal const string DefaultGroqModel = "llama-3.3-70b-versatile,openai/gpt-oss-120b";

    /// <summary><c>SUPABASE_DB_URL</c>: a Postgres connection, as a <c>postgresql://</c> URI or as Npgsql keywords.</summary>
    public string? SupabaseDbUrl { get; set; }

    /// <summary><c>SUPABASE_URL</c>: the project's address; used with <see cref="SupabaseKey"/> when there is no <see cref="SupabaseDbUrl"/>.</summary>
    public string? SupabaseUrl { get; set; }

    /// <summary><c>SUPABASE_KEY</c>: a key of the Data API.</summary>
    public string? SupabaseKey { get; set; }

    /// <summary><c>GROQ_API_KEY</c>: turns the language-model engine on.</summary>
    public string? GroqApiKey { get; set; }

    /// <summary><c>GROQ_MODEL</c>: model ids in the order of preference, separated by commas.</summary>
    [Required]
    public string GroqModel { get; set; } = DefaultGroqModel;

    /// <summary><c>ARTIFACT_DIR</c>: keeps the bytes of artifacts in this directory, beside SQLite only of those larger than 64 KiB; by default the storage backend decides.</summary>
    public string? ArtifactDirectory { get; set; }

    /// <summary>
    /// <c>ARTIFACT_BUCKET</c>: keeps the bytes of artifacts in this bucket of Supabase Storage, which is made unless it is there. Needs
    /// <see cref="SupabaseUrl"/> and <see cref="SupabaseKey"/>; the records stay where they are.
    /// </summary>
    public string? ArtifactBucket { get; set; }

    /// <summary>Where an embedded backend keeps its file, and the signing key that was made for it: <c>./data</c>.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>
    /// <c>AGENTOPS_API_KEY</c>: one key for all callers of the HTTP API, who may then do everything. It names nobody: <see cref="Keys"/> do.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// <c>AGENTOPS_KEYS</c>: keys with a name, scopes and an expiry (<see cref="Identity.CallerKey.ReadAll"/>), as text or as the path of a file, which is read
    /// again when it changes. They hold hashes and no keys; the sample host's command <c>keys new</c> makes them.
    /// </summary>
    public string? Keys { get; set; }

    /// <summary><c>AGENTOPS_SIGNING_KEY</c>: the P-256 private key that signs bundles, as PEM text or as the path of a PEM file.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// <c>AGENTOPS_TRUSTED_KEYS</c>: public keys whose signatures count beside that of the signing key, as PEM text or as the path of a PEM
    /// file; several may follow each other. Keep here the keys that signed before and those of partners.
    /// </summary>
    public string? TrustedKeys { get; set; }

    /// <summary>
    /// <c>AGENTOPS_FOUR_EYES</c>: a report is approved only by an authenticated identity that is not the one who asked for the analysis.
    /// </summary>
    public bool FourEyes { get; set; }

    /// <summary>Whether everything is kept in memory, a generated signing key included.</summary>
    internal bool IsInMemory { get; set; }
}

[OptionsValidator]
internal sealed partial class AgentOpsRcaOptionsAttributes : IValidateOptions<AgentOpsRcaOptions>;
