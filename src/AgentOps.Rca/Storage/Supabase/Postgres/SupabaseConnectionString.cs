using System.Globalization;
using System.Net;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>
/// Reads what Supabase's dashboard gives out: a <c>postgresql://</c> URI (percent-encoded, as libpq reads it), or Npgsql's keywords.
/// Sets what a pooler in transaction mode needs, which does no harm elsewhere.
/// </summary>
internal static class SupabaseConnectionString
{
    private const int TransactionPoolerPort = 6543;

    /// <summary>Reads a connection string.</summary>
    /// <param name="text">The URI or the keywords.</param>
    /// <param name="name">What the setting is called, for messages.</param>
    /// <exception cref="StoreSetupException">It is neither; the sentence says what is wrong without the secret in it.</exception>
    public static SupabaseAddress Parse(string text, string name)
    {
        if (text.Contains("[YOUR-PASSWORD]", StringComparison.OrdinalIgnoreCase))
        {
            throw new StoreSetupException($"{name} still holds the placeholder [YOUR-PASSWORD]; put the database password there.");
        }

        var isPooler = false;
        var settings = IsUri(text, out var rest) ? ParseUri(rest, name, out isPooler) : ParseKeywords(text, name, out isPooler);
        if (string.IsNullOrEmpty(settings.Host))
        {
            throw new StoreSetupException($"{name} names no host.");
        }

        // These are printed, so whatever else has slipped into one of them must not be.
        if (FindOdd(settings) is { } odd)
        {
            throw new StoreSetupException(
                $"{name} has a {odd} that cannot be one: it holds more than its value. It must be a postgresql:// URI, with what is special in it "
                + "percent-encoded, or keywords of Npgsql (Host=…;Username=…;Password=…) or libpq (host=… user=… password=…).");
        }

        isPooler |= settings.Port == TransactionPoolerPort;
        settings.GssEncryptionMode = GssEncryptionMode.Disable;
        settings.MaxAutoPrepare = 0;
        settings.Multiplexing = false;
        settings.Enlist = false;
        // Behind a transaction pooler the reset would go to whichever server connection comes next; nothing here leaves state behind.
        settings.NoResetOnClose = true;
        // ContainsKey is true for every keyword that there is; only what was set is serialized.
        if (!settings.ShouldSerialize("Application Name"))
        {
            settings.ApplicationName = "AgentOps.Rca";
        }

        // The driver's own default goes on in plain text where the server offers no TLS, without a word.
        if (!settings.ShouldSerialize("SSL Mode") && !IsThisMachine(settings.Host))
        {
            settings.SslMode = SslMode.Require;
        }

        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = 20;
        }

        if (!settings.ShouldSerialize("Timeout"))
        {
            settings.Timeout = 5;
        }

        return new SupabaseAddress(settings, isPooler);
    }

    /// <summary>The address of a data source that somebody else has made, for messages; its settings stay as they are.</summary>
    /// <param name="connectionString">What the data source shows of its connection string.</param>
    public static SupabaseAddress Describe(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return new SupabaseAddress(settings, settings.Port == TransactionPoolerPort);
    }

    /// <summary>What is wrong with a connection string, in a sentence without the secret; null when it can be read.</summary>
    /// <param name="text">The URI or the keywords.</param>
    /// <param name="name">What the setting is called, for messages.</param>
    public static string? FindProblem(string text, string name)
    {
        try
        {
            Parse(text, name);
            return null;
        }
        catch (StoreSetupException exception)
        {
            return exception.Message;
        }
    }

    private static bool IsThisMachine(string hosts) => hosts.Split(',').All(static host =>
        host.StartsWith('/') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Split(':') is [var name, _] ? name : host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    private static bool IsUri(string text, out string rest)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["postgresql://", "postgres://"])
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                rest = text[scheme.Length..];
                return true;
            }
        }

        rest = text;
        return false;
    }

    // The driver reads 'host=a port=b' as one keyword whose value is all of the rest.
    private static NpgsqlConnectionStringBuilder ParseKeywords(string text, string name, out bool isPooler)
    {
        isPooler = false;
        if (!text.Contains(';', StringComparison.Ordinal) && LibpqKeywords.TryRead(text) is { } pairs
            && pairs.TrueForAll(pair => IsLibpqKey(pair.Key)))
        {
            var settings = new NpgsqlConnectionStringBuilder { Port = 5432, Database = "postgres" };
            foreach (var (key, value) in pairs)
            {
                ApplyKeyword(key, value, settings, name, ref isPooler);
            }

            return settings;
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException)
        {
            // The driver's message may repeat part of the text, and with it the password.
            throw new StoreSetupException(
                $"{name} is neither a postgresql:// URI nor a connection string of Npgsql's keywords (Host=…;Username=…;Password=…).");
        }
    }

    private static bool IsLibpqKey(string key) => key is "host" or "hostaddr" or "port" or "dbname" or "user" or "password" or "options"
        or "connect_timeout" or "application_name" or "fallback_application_name" or "client_encoding" or "channel_binding" or "passfile"
        or "service" or "target_session_attrs" or "load_balance_hosts" or "gssencmode" or "krbsrvname" or "pgbouncer" or "tcp_user_timeout"
        || key.StartsWith("ssl", StringComparison.Ordinal) || key.StartsWith("keepalives", StringComparison.Ordinal);

    private static void ApplyKeyword(
        string key, string value, NpgsqlConnectionStringBuilder settings, string name, ref bool isPooler)
    {
        switch (key)
        {
            case "host" or "hostaddr":
                settings.Host = value;
                break;
            case "port":
                settings.Port = ReadPort(value, name);
                break;
            case "dbname":
                settings.Database = value;
                break;
            default:
                ApplyParameter(key, value, settings, name, ref isPooler);
                break;
        }
    }

    private static string? FindOdd(NpgsqlConnectionStringBuilder settings)
    {
        // A path is the directory of a socket.
        var host = settings.Host!;
        return host.Any(character => char.IsWhiteSpace(character) || char.IsControl(character) || character is '=' or ';' or '@' or '?' or '\'' or '"')
            || (host.Contains('/', StringComparison.Ordinal) && !host.StartsWith('/')) ? "host"
            : IsOdd(settings.Database) ? "database"
            : IsOdd(settings.Username) ? "user"
            : null;
    }

    private static bool IsOdd(string? text) => text is not null
        && text.Any(character => char.IsControl(character) || character is '=' or ';' or '?' or '/' or '&' or ':');

    private static NpgsqlConnectionStringBuilder ParseUri(string rest, string name, out bool isPooler)
    {
        isPooler = false;
        var settings = new NpgsqlConnectionStringBuilder { Port = 5432, Database = "postgres" };
        // Passwords are often pasted unescaped: the last @ ends the user's part, whatever stands before it.
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            var user = rest[..at];
            var colon = user.IndexOf(':', StringComparison.Ordinal);
            settings.Username = Uri.UnescapeDataString(colon < 0 ? user : user[..colon]);
            if (colon >= 0)
            {
                settings.Password = Uri.UnescapeDataString(user[(colon + 1)..]);
            }

            rest = rest[(at + 1)..];
        }

        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && slash < rest.Length - 1)
        {
            settings.Database = Uri.UnescapeDataString(rest[(slash + 1)..]);
        }

        ParseHost(slash < 0 ? rest : rest[..slash], settings, name);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            ApplyParameter(key, equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]), settings, name, ref isPooler);
        }

        return settings;
    }

    private static void ParseHost(string authority, NpgsqlConnectionStringBuilder settings, string name)
    {
        var colon = authority.LastIndexOf(':');
        if (colon > authority.LastIndexOf(']'))
        {
            settings.Port = ReadPort(authority[(colon + 1)..], name);
            authority = authority[..colon];
        }

        settings.Host = Uri.UnescapeDataString(authority).Trim('[', ']');
    }

    private static int ReadPort(string text, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new StoreSetupException($"{name} names a port that is not a number from 1 to 65535.");

    // What other tools add for themselves (pgbouncer aside: connection_limit, schema, supa, …) means nothing here.
    private static void ApplyParameter(
        string key, string value, NpgsqlConnectionStringBuilder settings, string name, ref bool isPooler)
    {
        switch (key)
        {
            case "sslmode":
                settings.SslMode = value switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" or "no-verify" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new StoreSetupException(
                        $"{name} has an sslmode that is none of disable, allow, prefer, require, verify-ca and verify-full."),
                };
                break;
            case "sslrootcert":
                settings.RootCertificate = value;
                break;
            case "application_name":
                settings.ApplicationName = value;
                break;
            case "connect_timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                settings.Timeout = Math.Min(seconds, 1024);
                break;
            case "user":
                settings.Username = value;
                break;
            case "password":
                settings.Password = value;
                break;
            case "pgbouncer":
                isPooler = value is "true" or "1";
                break;
        }
    }
}

/// <summary>Where a database is.</summary>
/// <param name="Settings">Npgsql's settings, with the secret.</param>
/// <param name="IsTransactionPooler">Whether a pooler in transaction mode stands in front of it.</param>
internal sealed record SupabaseAddress(NpgsqlConnectionStringBuilder Settings, bool IsTransactionPooler)
{
    /// <summary>The address without a secret.</summary>
    public override string ToString() => $"{Settings.Host}:{Settings.Port.ToString(CultureInfo.InvariantCulture)}/{Settings.Database}";
}
