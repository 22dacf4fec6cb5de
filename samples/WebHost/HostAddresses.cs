using System.Globalization;
using System.Net;

namespace AgentOps.Rca.WebHost;

/// <summary>
/// Where the host listens. Without a key it is this machine only, over IPv4 and IPv6, whatever is asked for: an address that others reach needs one.
/// </summary>
internal sealed record HostAddresses(IReadOnlyList<string> Urls, bool IsClosed)
{
    private static readonly string[] KeySettings = ["AGENTOPS_API_KEY", "AgentOpsRca:ApiKey", "AGENTOPS_KEYS", "AgentOpsRca:Keys"];

    private const string UrlsSetting = "urls";
    private const string Kestrel = "Kestrel:Endpoints";

    /// <summary>The address to try, for people.</summary>
    public string Shown => Urls[0].Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal)
        .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal).TrimEnd('/');

    /// <summary>Chooses: <c>--urls</c> and <c>ASPNETCORE_URLS</c> first, else <c>PORT</c>.</summary>
    /// <exception cref="InvalidOperationException">An address is asked for that others reach, and there is no key.</exception>
    public static HostAddresses Choose(IConfiguration configuration, IHostEnvironment environment)
    {
        var isClosed = !HasKey(configuration, environment);
        var asked = (configuration[UrlsSetting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var endpoints = configuration.GetSection(Kestrel).GetChildren().Select(static endpoint => endpoint["Url"]).OfType<string>().ToArray();
        string[] given = endpoints.Length > 0 ? endpoints : asked;
        if (isClosed && Array.Find(given, static url => !IsLoopback(url)) is { } open)
        {
            throw new InvalidOperationException(
                $"{open} is reached by other machines, and no key is set: set AGENTOPS_KEYS or AGENTOPS_API_KEY, or listen on http://localhost only.");
        }

        return new HostAddresses(
            given.Length > 0 ? given : [string.Create(CultureInfo.InvariantCulture, $"http://{(isClosed ? "localhost" : "*")}:{HostSettings.Port}")], isClosed);
    }

    // Outside of development a key is made when none is set. Whatever does not clearly ask for keys asks for none.
    private static bool HasKey(IConfiguration configuration, IHostEnvironment environment) =>
        configuration["AgentOpsRca:Http:RequireApiKey"]?.Trim().ToUpperInvariant() is null or "" or "TRUE" or "1" or "ON" or "YES"
        && (!environment.IsDevelopment()
            || KeySettings.Any(name => !string.IsNullOrWhiteSpace(configuration[name])));

    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        var host = address.Host.Trim('[', ']');
        return address.IsUnixPipe || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
