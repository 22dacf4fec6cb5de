using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>An issuer of tokens as OpenID Connect describes it, on a port of its own.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly RSA _other = RSA.Create(2048);
    private readonly WebApplication _application;

    private Issuer(WebApplication application) => _application = application;

    public string Address => _application.Urls.Single();

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        var issuer = new Issuer(application);
        application.MapGet("/.well-known/openid-configuration", () => Results.Text(
            $$"""{"issuer":"{{issuer.Address}}","jwks_uri":"{{issuer.Address}}/keys","id_token_signing_alg_values_supported":["RS256"]}""", "application/json"));
        application.MapGet("/keys", () =>
        {
            var key = issuer._rsa.ExportParameters(false);
            return Results.Text(
                $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k1","n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"}]}""",
                "application/json");
        });
        await application.StartAsync();
        return issuer;
    }

    public string Issue(string? email, bool forged = false) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Address,
        Audience = "rca",
        Expires = DateTime.UtcNow.AddMinutes(5),
        Subject = new ClaimsIdentity([new Claim("sub", "0001"), .. email is null ? [] : new[] { new Claim("email", email) }]),
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(forged ? _other : _rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256),
    });

    /// <summary>Tokens that are wrong in one thing each.</summary>
    /// <param name="stranger">An issuer that is not trusted.</param>
    public IEnumerable<(string What, string Token)> IssueWrong(Issuer stranger)
    {
        var right = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256);
        var now = DateTime.UtcNow;

        // The public key, which everybody has, as if it were a secret that is shared.
        var published = new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = "k1" };
        yield return ("audience", Make(Address, "another", now.AddMinutes(5), right));
        yield return ("no audience", Make(Address, null, now.AddMinutes(5), right));
        yield return ("issuer", Make(stranger.Address, "rca", now.AddMinutes(5), right));
        yield return ("key of another issuer", stranger.Issue("eve@corp.example"));
        yield return ("forged", Issue("eve@corp.example", forged: true));
        yield return ("key that is not published", Make(Address, "rca", now.AddMinutes(5), new SigningCredentials(new RsaSecurityKey(_other) { KeyId = "k2" }, SecurityAlgorithms.RsaSha256)));
        yield return ("secret algorithm", Make(Address, "rca", now.AddMinutes(5), new SigningCredentials(published, SecurityAlgorithms.HmacSha256)));
        yield return ("no signature", Make(Address, "rca", now.AddMinutes(5), credentials: null));
        yield return ("over", Make(Address, "rca", now.AddHours(-1), right));
        yield return ("signature cut off", Issue("eve@corp.example")[..^8]);
        var (header, body, signature) = Issue("eve@corp.example").Split('.') is [var first, var second, var third] ? (first, second, third) : default;
        yield return ("other words", $"{header}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(body).Replace("eve@", "ann@", StringComparison.Ordinal))}.{signature}");
    }

    private static string Make(string issuer, string? audience, DateTime expires, SigningCredentials? credentials) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer,
        Audience = audience,
        Expires = expires,
        NotBefore = expires.AddHours(-1),
        IssuedAt = expires.AddHours(-1),
        Subject = new ClaimsIdentity([new Claim("sub", "0001"), new Claim("email", "eve@corp.example")]),
        SigningCredentials = credentials,
    });

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _rsa.Dispose();
        _other.Dispose();
    }
}
