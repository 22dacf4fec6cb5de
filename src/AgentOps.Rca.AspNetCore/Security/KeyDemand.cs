namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>From whom a key is asked for.</summary>
internal enum KeyDemand
{
    /// <summary>From nobody: none is set, and this is a development; the host's own policies may stand before it.</summary>
    None,

    /// <summary>From nobody, because the host has said so.</summary>
    Off,

    /// <summary>From everybody whom the host's own authorization does not know.</summary>
    UnlessUser,

    /// <summary>From everybody, but where the host has put a policy of its own: the key was made because none was set.</summary>
    UnlessHostAuthorizes,

    /// <summary>From everybody, whatever else stands before it.</summary>
    Always,
}
