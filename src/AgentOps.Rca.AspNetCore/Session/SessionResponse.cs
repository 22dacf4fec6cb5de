using System.Text.Json.Serialization;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.AspNetCore.Session;

/// <summary>Who the caller is here, and what it may do.</summary>
/// <param name="Caller">Who acts, as records would say it; null when nobody is known.</param>
/// <param name="May">What the caller may do.</param>
/// <param name="KeySignIn">Whether a key is what is missing: POST rca/session takes one.</param>
/// <param name="Antiforgery">What writes of this session carry in their header; null when there is no session.</param>
/// <param name="Tenant">The tenant that the caller belongs to; there only where the host keeps tenants apart.</param>
internal sealed record SessionResponse(
    Actor? Caller,
    Permissions May,
    bool KeySignIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Antiforgery,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Tenant = null);

/// <summary>What a caller may do, by scope.</summary>
internal sealed record Permissions(bool Ingest, bool Read, bool Analyze, bool Decide, bool Bundle, bool Admin);
