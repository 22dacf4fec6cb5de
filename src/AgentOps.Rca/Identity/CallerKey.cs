using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Identity;

/// <summary>
/// A key that callers of the HTTP API send, as the host knows it: its name, what it may do, until when, and the SHA-256 of the key. The key itself
/// is kept by the caller alone. Keys are random, so that a plain hash of one tells nothing about it.
/// </summary>
internal sealed record CallerKey
{
    internal const string Prefix = "rca_";
    private const int SecretBytes = 32;

    /// <summary>Who holds it: letters, digits, and <c>. _ - @</c> between them, at most 64. Records say it.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do: one or more of <see cref="CallerScopes"/>.</summary>
    public required IReadOnlySet<string> Scopes { get; init; }

    /// <summary>When it ends, UTC; null is never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The tenant whose records its holder reaches, where the host keeps tenants apart; null is none.</summary>
    public string? Tenant { get; init; }

    /// <summary>The SHA-256 of the key's UTF-8, 64 lowercase hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>Whether it names nobody, because everybody may hold it.</summary>
    internal bool IsShared { get; init; }

    /// <summary>Makes a new key.</summary>
    /// <param name="name">Who holds it.</param>
    /// <param name="scopes">What its holder may do.</param>
    /// <param name="expiresAt">When it ends; null is never.</param>
    /// <param name="secret">The key itself, which is shown once and kept nowhere.</param>
    /// <returns>What the host must know of it.</returns>
    /// <exception cref="FormatException">The name or a scope cannot be written down.</exception>
    public static CallerKey Create(string name, IEnumerable<string> scopes, DateTimeOffset? expiresAt, out string secret) =>
        Create(name, scopes, expiresAt, tenant: null, out secret);

    /// <summary>Makes a new key of a tenant.</summary>
    /// <param name="name">Who holds it.</param>
    /// <param name="scopes">What its holder may do.</param>
    /// <param name="expiresAt">When it ends; null is never.</param>
    /// <param name="tenant">The tenant; null is none.</param>
    /// <param name="secret">The key itself, which is shown once and kept nowhere.</param>
    /// <returns>What the host must know of it.</returns>
    /// <exception cref="FormatException">The name, a scope or the tenant cannot be written down.</exception>
    public static CallerKey Create(string name, IEnumerable<string> scopes, DateTimeOffset? expiresAt, string? tenant, out string secret)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(scopes);
        secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var key = new CallerKey
        {
            Name = name,
            Scopes = scopes.ToHashSet(StringComparer.Ordinal),
            ExpiresAt = expiresAt,
            Tenant = tenant,
            Hash = HashOf(secret),
        };
        return CallerKeyText.Read(key.ToString());
    }

    /// <summary>Reads the keys of a setting or a file: one a line, or with semicolons between them; empty lines and those that begin with <c>#</c> count for nothing.</summary>
    /// <param name="text">The lines, each <c>name scope,scope expiry sha256:hash</c>, and <c>tenant=name</c> before the hash where it has a tenant; the expiry is a date, a time, or <c>never</c>.</param>
    /// <exception cref="FormatException">A line is none, or two keys have one name or one hash. The message names the line, and never its hash.</exception>
    public static IReadOnlyList<CallerKey> ReadAll(string text) => CallerKeyText.ReadAll(text);

    /// <summary>The line that <see cref="ReadAll"/> reads.</summary>
    public override string ToString() => CallerKeyText.Write(this);

    internal bool IsOver(DateTimeOffset now) => ExpiresAt is { } end && end <= now;

    internal static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
