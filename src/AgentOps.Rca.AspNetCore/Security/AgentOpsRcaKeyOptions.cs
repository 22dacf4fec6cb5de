using Microsoft.AspNetCore.Authentication;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Options of the scheme; the keys are those of <see cref="AgentOpsRcaOptions"/>.</summary>
public sealed class AgentOpsRcaKeyOptions : AuthenticationSchemeOptions;
