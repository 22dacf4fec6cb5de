using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Finds the key behind a request: in its headers, else in the session of its browser.</summary>
internal sealed class KeyAuthentication(CallerKeySet keys, Sessions sessions)
{
    public CallerKeySet Keys => keys;

    public Sessions Sessions => sessions;

    public async ValueTask<(SentKey Sent, CallerKey? Key, bool BySession)> FindAsync(HttpContext context)
    {
        var sent = SentKey.Read(context.Request.Headers, keys);
        if (sent.Key is not null || sent.IsOurs)
        {
            return (sent, sent.Key, false);
        }

        var key = await sessions.FindAsync(context).ConfigureAwait(false);
        return (sent, key, key is not null);
    }
}
