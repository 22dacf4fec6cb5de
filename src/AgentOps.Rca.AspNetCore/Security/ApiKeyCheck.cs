using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Compares the caller's key with the one that is set, in a time that does not depend on either. A key that was made because none was
/// set is not asked for where the host has put an authorization policy of its own.
/// </summary>
internal sealed class ApiKeyCheck
{
    private const string HeaderName = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    private readonly byte[]? _keyHash;
    private readonly bool _isGenerated;

    public ApiKeyCheck(string? key, bool isGenerated)
    {
        _keyHash = key is null ? null : Hash(key);
        _isGenerated = isGenerated;
    }

    public bool Accepts(HttpContext context) =>
        _keyHash is null || !IsAskedFor(context.GetEndpoint()?.Metadata) || Holds(context.Request.Headers);

    /// <summary>Whether an endpoint with this metadata asks for the key.</summary>
    public bool IsAskedFor(EndpointMetadataCollection? metadata) =>
        metadata?.GetMetadata<OpenEndpoint>() is null
        && !(_isGenerated && metadata?.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null);

    private bool Holds(IHeaderDictionary headers)
    {
        var isRight = false;
        foreach (var value in headers[HeaderName])
        {
            isRight |= IsKey(value);
        }

        foreach (var value in headers.Authorization)
        {
            isRight |= value?.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) == true && IsKey(value[BearerPrefix.Length..].Trim());
        }

        return isRight;
    }

    // Hashes have one length, so the comparison does not tell the key's.
    private bool IsKey(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Hash(sent), _keyHash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
