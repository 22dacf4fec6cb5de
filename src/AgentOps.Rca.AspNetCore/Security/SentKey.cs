using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The key in the headers of a request.</summary>
/// <param name="Key">The key, when one that was sent is right.</param>
/// <param name="IsOurs">Whether something was sent that can only be meant as one of our keys.</param>
/// <param name="IsBearer">Whether a token was sent that may also be another scheme's.</param>
internal readonly record struct SentKey(CallerKey? Key, bool IsOurs, bool IsBearer)
{
    public const string HeaderName = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    /// <summary>Whether anything was sent that is not right.</summary>
    public bool IsWrong => Key is null && (IsOurs || IsBearer);

    public static SentKey Read(IHeaderDictionary headers, CallerKeySet keys)
    {
        CallerKey? found = null;
        var isOurs = false;
        foreach (var value in headers[HeaderName])
        {
            isOurs = true;
            found = keys.Find(value) ?? found;
        }

        var isBearer = false;
        foreach (var value in headers.Authorization)
        {
            if (value?.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) == true)
            {
                isBearer = true;
                found = keys.Find(value[BearerPrefix.Length..].Trim()) ?? found;
            }
        }

        return new SentKey(found, isOurs, isBearer);
    }
}
