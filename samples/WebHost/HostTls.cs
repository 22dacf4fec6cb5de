namespace AgentOps.Rca.WebHost;

/// <summary>What browsers are told about TLS. The host speaks none itself: a proxy before it does.</summary>
internal static class HostTls
{
    private const string ForAYear = "max-age=31536000; includeSubDomains";

    /// <summary>
    /// Tells browsers that came over TLS to come so for a year, under this name and those below it. That they did is what the proxy says in <c>X-Forwarded-Proto</c>,
    /// which the framework believes where <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c> is true.
    /// </summary>
    public static void UseStrictTransport(this WebApplication application) => application.Use((context, next) =>
    {
        if (context.Request.IsHttps)
        {
            context.Response.OnStarting(static state =>
            {
                ((HttpContext)state).Response.Headers.StrictTransportSecurity = ForAYear;
                return Task.CompletedTask;
            }, context);
        }

        return next(context);
    });
}
