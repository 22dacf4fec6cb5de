namespace AgentOps.Rca.WebHost;

/// <summary>Lets pages of other origins call the API: those that <c>AGENTOPS_CORS_ORIGINS</c> names, and none without it.</summary>
internal static class HostCors
{
    private const string Setting = "AGENTOPS_CORS_ORIGINS";
    private const string Any = "*";

    // What scripts may read beside the body; browsers show them little else.
    private static readonly string[] Exposed =
        ["Link", "Location", "ETag", "Retry-After", "Content-Disposition", "Content-Range", "Repr-Digest", "Allow", "WWW-Authenticate"];

    public static void AddBrowserOrigins(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = Read(configuration[Setting]);
        services.AddCors(options => options.AddDefaultPolicy(policy =>
        {
            policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromHours(1));
            _ = origins is [Any] ? policy.AllowAnyOrigin() : policy.WithOrigins(origins);
        }));
    }

    internal static string[] Read(string? setting)
    {
        var origins = (setting ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var origin in origins.Where(origin => origin != Any))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.AbsolutePath != "/")
            {
                throw new InvalidOperationException($"{Setting} must name origins such as https://app.example, with commas between them, or be *; '{origin}' is none.");
            }
        }

        return origins.Contains(Any) ? [Any] : [.. origins.Select(origin => origin.TrimEnd('/'))];
    }
}
