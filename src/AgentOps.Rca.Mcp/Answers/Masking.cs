using AgentOps.Rca.AspNetCore;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>Whether secrets and personal data are masked: as they are over HTTP.</summary>
internal sealed class Masking(IServiceProvider services)
{
    private readonly Lazy<bool> _isOn = new(() => HttpSettings.Read(services).MaskPreviews);

    public bool IsOn => _isOn.Value;
}
