using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Who has signed in on the page. A session is a cookie that scripts cannot read and that no other site sends; it says which key was given and until
/// when, signed by the host's key, so that every host with that key knows it. It ends when its key does, and when somebody signs out of it.
/// </summary>
internal sealed class Sessions(CallerKeySet keys, ISigningKeyProvider signingKeys, TimeProvider timeProvider, EndedSessions ended)
{
    public const string AntiforgeryHeader = "X-AgentOps-Antiforgery";

    /// <summary>How long one lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private const string CookieName = "agentops-rca-session";
    private const string Purpose = "agentops-rca session v2\n";
    private const string AntiforgeryPurpose = "agentops-rca antiforgery v1\n";
    private const int FingerprintDigits = 16;
    private const int NonceBytes = 16;
    private const int MostOfACookie = 1_024;

    /// <summary>The name of the cookie: over TLS one that browsers take from this very host and for TLS only.</summary>
    public static string NameOn(HttpRequest request) => request.IsHttps ? $"__Host-{CookieName}" : CookieName;

    public static Sessions Of(IServiceProvider services, CallerKeySet keys) =>
        new(
            keys,
            services.GetRequiredService<ISigningKeyProvider>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetService<EndedSessions>() ?? new EndedSessions(services.GetRequiredService<IAuditTrail>(), services.GetRequiredService<TimeProvider>()));

    /// <summary>Begins a session with a key that was given.</summary>
    /// <returns>The value of the cookie.</returns>
    public async ValueTask<string> BeginAsync(HttpContext context, CallerKey key)
    {
        var end = (timeProvider.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var said = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{end} {RandomNumberGenerator.GetHexString(2 * NonceBytes, lowercase: true)} {Fingerprint(key)} {key.Name}"));
        var signer = await signingKeys.GetSigningKeyAsync(context.RequestAborted).ConfigureAwait(false);
        var signature = await signer.SignAsync(HashOf(said), context.RequestAborted).ConfigureAwait(false);
        var value = $"{Base64Url.EncodeToString(said)}.{Base64Url.EncodeToString(signature)}";
        context.Response.Cookies.Append(NameOn(context.Request), value, Options(context, Lifetime));
        return value;
    }

    /// <summary>What the session of a request is called in the audit; null when there is none that is valid.</summary>
    public async ValueTask<string?> FindIdAsync(HttpContext context) => (await ReadAsync(context).ConfigureAwait(false))?.Id;

    /// <summary>Has this host see at once what is written of ended sessions.</summary>
    public void ReadEndedAgain() => ended.Forget();

    /// <summary>Takes the session's cookie from this browser.</summary>
    public static void End(HttpContext context) => context.Response.Cookies.Delete(NameOn(context.Request), Options(context, lifetime: null));

    /// <summary>The key that the browser signed in with, or null.</summary>
    public async ValueTask<CallerKey?> FindAsync(HttpContext context) => (await ReadAsync(context).ConfigureAwait(false))?.Key;

    private async ValueTask<(CallerKey Key, string Id)?> ReadAsync(HttpContext context)
    {
        if (context.Request.Cookies[NameOn(context.Request)] is not { Length: > 0 and <= MostOfACookie } value
            || value.Split('.') is not [var first, var second] || !TryDecode(first, out var said) || !TryDecode(second, out var signature))
        {
            return null;
        }

        var signer = await signingKeys.GetSigningKeyAsync(context.RequestAborted).ConfigureAwait(false);
        if (!signer.Public.Verify(HashOf(said), signature)
            || Encoding.UTF8.GetString(said).Split(' ') is not [var end, var nonce, var fingerprint, var name]
            || !long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || timeProvider.GetUtcNow().ToUnixTimeSeconds() >= seconds
            || keys.FindNamed(name, key => Fingerprint(key) == fingerprint) is not { } key)
        {
            return null;
        }

        return await ended.ContainsAsync(nonce, context.RequestAborted).ConfigureAwait(false) ? null : (key, nonce);
    }

    /// <summary>What a write in this session must carry: it follows from the cookie, which no other page can read.</summary>
    public static string AntiforgeryOf(string cookie) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(AntiforgeryPurpose + cookie)));

    /// <summary>Whether a write carries it.</summary>
    public static bool HasAntiforgery(HttpRequest request) =>
        request.Cookies[NameOn(request)] is { } cookie && request.Headers[AntiforgeryHeader] is [{ } sent]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(AntiforgeryOf(cookie)));

    private static CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        IsEssential = true,
        MaxAge = lifetime,

        // A proxy may have taken off what the browser sees before the path.
        Path = "/",
    };

    private static string Fingerprint(CallerKey key) => CallerKey.HashOf(key.Hash)[..FingerprintDigits];

    private static byte[] HashOf(ReadOnlySpan<byte> said) => SHA256.HashData([.. Encoding.UTF8.GetBytes(Purpose), .. said]);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
