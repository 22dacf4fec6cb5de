using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Settings;

namespace AgentOps.Rca.Groq;

/// <summary>
/// How Groq's API is called, from the section <c>AgentOpsRca:Groq</c>. The defaults follow Groq's own clients and its free plan.
/// </summary>
public sealed class GroqOptions
{
    /// <summary>The key, <c>gsk_…</c>; null leaves the language-model engine off. From <c>GROQ_API_KEY</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The address of the API: https, or http on this machine.</summary>
    [Required]
    public Uri Endpoint { get; set; } = new("https://api.groq.com/openai/v1/");

    /// <summary>
    /// The models in order of preference; the next one is asked when one is gone. From <c>GROQ_MODEL</c>, separated by commas.
    /// </summary>
    [Required]
    public IReadOnlyList<string> Models { get; set; } = ["llama-3.3-70b-versatile", "openai/gpt-oss-120b"];

    /// <summary>The models that follow a strict JSON schema; others are asked for any JSON and told the schema in words.</summary>
    [Required]
    public IReadOnlyList<string> StrictSchemaModels { get; set; } = ["openai/gpt-oss-120b", "openai/gpt-oss-20b"];

    /// <summary>
    /// How many tokens an answer may have, reasoning included. Groq counts them against the tokens per minute before the call runs,
    /// and its free plan has 8,000 of those.
    /// </summary>
    [Range(1, 65_536)]
    public int MaxOutputTokens { get; set; } = 4_096;

    /// <summary>The sampling temperature, 0 to 2, when the caller does not give one.</summary>
    [Range(0.0, 2.0)]
    public float Temperature { get; set; }

    /// <summary>The seed when the caller does not give one; Groq follows it as well as it can. Null sends none.</summary>
    public long? Seed { get; set; } = 1;

    /// <summary>How much gpt-oss models reason: <c>low</c>, <c>medium</c> or <c>high</c>. Not sent to other models.</summary>
    [Required]
    [RegularExpression("low|medium|high")]
    public string ReasoningEffort { get; set; } = "medium";

    /// <summary><c>auto</c>, <c>on_demand</c>, <c>flex</c> or <c>performance</c>; null leaves it to Groq.</summary>
    [RegularExpression("auto|on_demand|flex|performance")]
    public string? ServiceTier { get; set; }

    /// <summary>How long one attempt may take, up to 10 minutes; in a stream, how long nothing may arrive.</summary>
    [Duration("00:00:00.001", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a call may take with all its attempts and waits, up to an hour.</summary>
    [Duration("00:00:00.001", "01:00:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(180);

    /// <summary>How often a request is sent again after a rate limit, a server's failure or a broken connection.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = 2;

    /// <summary>The wait before the first retry; it doubles with each one, with jitter on top.</summary>
    [Duration("00:00:00", "00:01:00")]
    public TimeSpan MinRetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait before a retry when Groq does not name one.</summary>
    [Duration("00:00:00", "00:10:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest wait that Groq may ask for; if it asks for more, the call fails and names that time.</summary>
    [Duration("00:00:00", "00:10:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How large a reply may be, in bytes after decompression; a larger one is refused before it is read to its end.</summary>
    [Range(1_024, 256 * 1_024 * 1_024)]
    public int MaxReplyBytes { get; set; } = 8 * 1_024 * 1_024;

    /// <summary>Prices by model id that win over <see cref="GroqPrices.Table"/>.</summary>
    [Required]
    public IReadOnlyDictionary<string, GroqPrice> Prices { get; set; } = new Dictionary<string, GroqPrice>();

    /// <summary>The models of a list like <c>GROQ_MODEL</c>'s, in its order, without blanks and repetitions.</summary>
    /// <param name="list">Model ids, separated by commas.</param>
    public static IReadOnlyList<string> ParseModels(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
}
