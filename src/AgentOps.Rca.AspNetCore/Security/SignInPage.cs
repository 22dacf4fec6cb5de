using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Marks the endpoint that answers a browser with a page that asks for a key by itself.</summary>
/// <param name="Show">Shows it; it holds nothing of the records.</param>
internal sealed record SignInPage(Func<HttpContext, IResult> Show);
