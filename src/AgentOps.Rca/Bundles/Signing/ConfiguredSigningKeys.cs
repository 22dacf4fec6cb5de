using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>
/// The key from <see cref="AgentOpsRcaOptions.SigningKey"/>, as text or as a file's path; without it, one that is made once and kept in
/// <see cref="AgentOpsRcaOptions.DataDirectory"/>, or in memory where everything is kept there. Trusted are its public half and <see cref="AgentOpsRcaOptions.TrustedKeys"/>: to
/// change the key, set the new one and keep the public half of the old one among them.
/// </summary>
internal sealed class ConfiguredSigningKeys : ISigningKeyProvider, IDisposable
{
    /// <summary>The name of the file in which a generated key is kept.</summary>
    public const string FileName = "signing-key.pem";

    private const string PemStart = "-----BEGIN";

    private readonly Lazy<SigningKey> _key;
    private readonly Lazy<IReadOnlyList<VerificationKey>> _others;

    /// <summary>Makes the provider; the keys are read when they are first needed.</summary>
    /// <param name="options">The settings.</param>
    public ConfiguredSigningKeys(IOptions<AgentOpsRcaOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // A look that failed is not remembered: a full disk is mended while the host runs.
        _key = new Lazy<SigningKey>(() => Read(options.Value), LazyThreadSafetyMode.PublicationOnly);
        _others = new Lazy<IReadOnlyList<VerificationKey>>(() => ReadOthers(options.Value), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Reach(_key));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([Reach(_key).Public, .. Reach(_others)]);

    /// <summary>Frees the keys.</summary>
    public void Dispose()
    {
        if (_key.IsValueCreated)
        {
            _key.Value.Dispose();
        }

        foreach (var key in _others.IsValueCreated ? _others.Value : [])
        {
            key.Dispose();
        }
    }

    /// <summary>What is wrong with the keys that are set, or with the one that was made earlier; null when nothing is. No key is made.</summary>
    internal static string? FindProblem(AgentOpsRcaOptions options)
    {
        try
        {
            if (options.SigningKey is not null || (!options.IsInMemory && File.Exists(PathOf(options))))
            {
                Read(options).Dispose();
            }

            foreach (var key in ReadOthers(options))
            {
                key.Dispose();
            }

            return null;
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }

    private static T Reach<T>(Lazy<T> keys)
    {
        try
        {
            return keys.Value;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException("The key that bundles are signed with cannot be read or kept at the moment.", failure);
        }
    }

    private static SigningKey Read(AgentOpsRcaOptions options)
    {
        if (options is { IsInMemory: true, SigningKey: null })
        {
            return SigningKey.Generate();
        }

        if (options.SigningKey is not { } configured)
        {
            return SigningKeyFile.LoadOrCreate(PathOf(options));
        }

        if (!configured.Contains(PemStart, StringComparison.Ordinal))
        {
            return File.Exists(configured)
                ? SigningKeyFile.Load(configured)
                : throw new InvalidOperationException(
                    $"{AgentOpsRcaSettings.SigningKey} is neither PEM text nor the path of a file that exists.");
        }

        try
        {
            return SigningKey.Parse(TextOf(configured));
        }
        catch (FormatException failure)
        {
            throw new InvalidOperationException($"{AgentOpsRcaSettings.SigningKey}: {failure.Message}", failure);
        }
    }

    private static IReadOnlyList<VerificationKey> ReadOthers(AgentOpsRcaOptions options)
    {
        if (options.TrustedKeys is not { } configured)
        {
            return [];
        }

        if (!configured.Contains(PemStart, StringComparison.Ordinal) && !File.Exists(configured))
        {
            throw new InvalidOperationException($"{AgentOpsRcaSettings.TrustedKeys} is neither PEM text nor the path of a file that exists.");
        }

        try
        {
            return TrustedKeys.ReadAll(configured.Contains(PemStart, StringComparison.Ordinal) ? TextOf(configured) : File.ReadAllText(configured));
        }
        catch (FormatException failure)
        {
            throw new InvalidOperationException($"{AgentOpsRcaSettings.TrustedKeys}: {failure.Message}", failure);
        }
    }

    private static string PathOf(AgentOpsRcaOptions options) => Path.Combine(options.DataDirectory, FileName);

    // Settings of one line hold the line ends of a PEM text as \n.
    private static string TextOf(string configured) => configured.Replace("\\n", "\n", StringComparison.Ordinal);
}
