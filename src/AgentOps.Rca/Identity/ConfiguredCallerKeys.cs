namespace AgentOps.Rca.Identity;

/// <summary>The keys of a setting: text, or the path of a file that is read again when it changes, so that keys come and go without a restart.</summary>
internal sealed class ConfiguredCallerKeys
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string? _path;
    private readonly TimeProvider _timeProvider;
    private readonly Action<string> _complain;
    private readonly Lock _lock = new();
    private IReadOnlyList<CallerKey> _keys;
    private DateTime _written;
    private long _lookedAt;

    /// <summary>Reads the keys.</summary>
    /// <param name="setting">Text or path; null is none.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="complain">Told when a file that has changed cannot be read; the keys that were read before then stay.</param>
    /// <exception cref="FormatException">The setting is wrong; the sentence lacks its name.</exception>
    public ConfiguredCallerKeys(string? setting, TimeProvider timeProvider, Action<string> complain)
    {
        _timeProvider = timeProvider;
        _complain = complain;
        _keys = setting is null ? [] : IsText(setting) ? CallerKeyText.ReadAll(setting) : [];
        IsSet = setting is not null;
        _lookedAt = timeProvider.GetTimestamp();
        if (setting is not null && !IsText(setting))
        {
            _path = setting;
            _keys = ReadFile(setting, out _written);
        }
    }

    /// <summary>Whether keys are asked for, be it that the file has none at the moment.</summary>
    public bool IsSet { get; }

    /// <summary>The keys as they are now.</summary>
    public IReadOnlyList<CallerKey> Current
    {
        get
        {
            if (_path is null || _timeProvider.GetElapsedTime(Volatile.Read(ref _lookedAt)) < Patience)
            {
                return _keys;
            }

            lock (_lock)
            {
                if (_timeProvider.GetElapsedTime(_lookedAt) >= Patience)
                {
                    Look(_path);
                    Volatile.Write(ref _lookedAt, _timeProvider.GetTimestamp());
                }

                return _keys;
            }
        }
    }

    /// <summary>What is wrong with the setting, as what follows its name, or null.</summary>
    public static string? FindProblem(string? setting)
    {
        try
        {
            _ = setting is null ? [] : IsText(setting) ? CallerKeyText.ReadAll(setting) : ReadFile(setting, out _);
            return null;
        }
        catch (FormatException wrong)
        {
            return $"cannot be used: {wrong.Message}";
        }
    }

    private static bool IsText(string setting) => setting.Contains(CallerKeyText.HashStart, StringComparison.Ordinal);

    private void Look(string path)
    {
        try
        {
            if (File.GetLastWriteTimeUtc(path) != _written)
            {
                _keys = ReadFile(path, out _written);
            }
        }
        catch (FormatException wrong)
        {
            _complain(wrong.Message);
        }
    }

    private static IReadOnlyList<CallerKey> ReadFile(string path, out DateTime written)
    {
        try
        {
            written = File.GetLastWriteTimeUtc(path);
            return CallerKeyText.ReadAll(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FormatException("it is neither lines of keys (name scope,scope expiry sha256:hash) nor the path of a file that can be read.", failure);
        }
    }
}
