using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;

namespace AgentOps.Rca.Tool.Commands;

/// <summary>Bundles and keys as files.</summary>
internal static class BundleFiles
{
    /// <summary>The keys in files of PEM.</summary>
    public static async Task<TrustedKeys> ReadKeysAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        List<VerificationKey> keys = [];
        foreach (var name in names)
        {
            var file = FileOpener.Open(name);
            await using var fileDisposal = file.ConfigureAwait(false);
            using var reader = new StreamReader(file);
            try
            {
                keys.AddRange(TrustedKeys.ReadAll(await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false)));
            }
            catch (FormatException failure)
            {
                throw new ToolException($"{Plain.Line(name)} cannot be used: {failure.Message}");
            }
        }

        return new TrustedKeys(keys);
    }
}
