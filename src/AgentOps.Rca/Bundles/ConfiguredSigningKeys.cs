using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// The key from <see cref="AgentOpsRcaOptions.SigningKey"/>, as text or as a file's path; without it, one that is made once and kept in
/// <see cref="AgentOpsRcaOptions.DataDirectory"/>.
/// </summary>
public sealed class ConfiguredSigningKeys : ISigningKeyProvider, IDisposable
{
    /// <summary>The name of the file in which a generated key is kept.</summary>
    public const string FileName = "signing-key.pem";

    private readonly Lazy<SigningKey> _key;

    /// <summary>Makes the provider; the key is read when it is first needed.</summary>
    /// <param name="options">The settings.</param>
    public ConfiguredSigningKeys(IOptions<AgentOpsRcaOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _key = new Lazy<SigningKey>(() => Read(options.Value));
    }

    /// <inheritdoc/>
    public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(_key.Value);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([_key.Value.Public]);

    /// <summary>Frees the key.</summary>
    public void Dispose()
    {
        if (_key.IsValueCreated)
        {
            _key.Value.Dispose();
        }
    }

    private static SigningKey Read(AgentOpsRcaOptions options)
    {
        if (options.SigningKey is not { } configured)
        {
            return SigningKeyFile.LoadOrCreate(Path.Combine(options.DataDirectory, FileName));
        }

        if (!configured.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return File.Exists(configured)
                ? SigningKeyFile.Load(configured)
                : throw new InvalidOperationException(
                    $"{AgentOpsRcaEnvironment.SigningKey} is neither PEM text nor the path of a file that exists.");
        }

        try
        {
            // Settings of one line hold the line ends of a PEM text as \n.
            return SigningKey.Parse(configured.Replace("\\n", "\n", StringComparison.Ordinal));
        }
        catch (FormatException failure)
        {
            throw new InvalidOperationException($"{AgentOpsRcaEnvironment.SigningKey}: {failure.Message}", failure);
        }
    }
}
