using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Identity;

/// <summary>Keys as they are written in <c>AGENTOPS_KEYS</c>.</summary>
internal static partial class CallerKeyText
{
    /// <summary>What stands before a hash; a setting without it is the path of a file.</summary>
    public const string HashStart = "sha256:";

    private const string TenantStart = "tenant=";
    private const string Never = "never";
    private const string Day = "yyyy-MM-dd";
    private static readonly string[] Times = [Day, "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    public static IReadOnlyList<CallerKey> ReadAll(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<CallerKey> keys = [];
        foreach (var (place, line) in text.TrimStart('\uFEFF').Split(['\n', ';']).Index())
        {
            if (line.Trim() is { Length: > 0 } entry && entry[0] != '#')
            {
                var key = Read(entry, place + 1);
                if (keys.Exists(known => known.Name == key.Name || known.Hash == key.Hash))
                {
                    throw new FormatException($"entry {place + 1}: there is a key of this name or hash already; a new key for the same caller has a name of its own, such as {key.Name}-2.");
                }

                keys.Add(key);
            }
        }

        return keys;
    }

    public static CallerKey Read(string line, int place = 1)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (tenant, parts) = words is [_, _, _, var word, _] && word.StartsWith(TenantStart, StringComparison.Ordinal)
            ? (word[TenantStart.Length..], [.. words[..3], words[4]])
            : ((string?)null, words);
        if (parts is not [var name, var scopes, var expiry, var hash])
        {
            throw new FormatException($"entry {place} is not 'name scope,scope expiry sha256:hash', or with tenant=name before the hash.");
        }

        if (tenant is not null && !RcaTenant.IsName(tenant))
        {
            throw new FormatException($"entry {place}: a tenant's name has {RcaTenant.Rule}.");
        }

        if (!Name().IsMatch(name) || name == Actor.SharedKey)
        {
            throw new FormatException($"entry {place}: a key's name has 1 to 64 letters, digits and . _ - @ between them.");
        }

        var named = scopes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        if (named.Count == 0 || !named.IsSubsetOf(CallerScopes.Everything))
        {
            throw new FormatException($"entry {place}: a key's scopes are some of {string.Join(", ", CallerScopes.All)}, with commas and no spaces between them.");
        }

        if (!hash.StartsWith(HashStart, StringComparison.Ordinal) || !Hash().IsMatch(hash[HashStart.Length..]))
        {
            throw new FormatException($"entry {place}: a key stands there as {HashStart} and the 64 hexadecimal digits of its hash; the key itself must not be there.");
        }

        return new CallerKey
        {
            Name = name,
            Scopes = named,
            ExpiresAt = ReadExpiry(expiry, place),
            Tenant = tenant,
            Hash = hash[HashStart.Length..].ToLowerInvariant(),
        };
    }

    public static string Write(CallerKey key) =>
        $"{key.Name} {string.Join(',', CallerScopes.All.Where(key.Scopes.Contains).Concat(key.Scopes.Except(CallerScopes.All).Order(StringComparer.Ordinal)))} "
        + $"{(key.ExpiresAt is { } end ? Write(end) : Never)} {(key.Tenant is null ? "" : $"{TenantStart}{key.Tenant} ")}{HashStart}{key.Hash}";

    /// <summary>When a key ends; null is never.</summary>
    public static DateTimeOffset? ReadExpiry(string text, int place = 1) =>
        text.Equals(Never, StringComparison.OrdinalIgnoreCase) ? null
        : DateTimeOffset.TryParseExact(
            text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var end) ? end
        : throw new FormatException($"entry {place}: a key's expiry is a day such as 2027-06-30, a time in UTC such as 2027-06-30T12:00Z, or {Never}.");

    private static string Write(DateTimeOffset end)
    {
        var utc = end.UtcDateTime;
        return utc.ToString(utc.TimeOfDay == TimeSpan.Zero ? Times[0] : Times[2], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z")]
    private static partial Regex Hash();
}
