using System.Collections.Concurrent;

namespace AgentOps.Rca.Groq;

/// <summary>
/// The order of preference without the models that were gone a short while ago, so that not every call begins with a refusal.
/// </summary>
internal sealed class GroqModelOrder(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _goneUntil = new(StringComparer.Ordinal);

    /// <summary>The models to ask, in order; all of them when all were gone.</summary>
    public IReadOnlyList<string> Current(IReadOnlyList<string> models)
    {
        var now = timeProvider.GetUtcNow();
        var present = models.Where(model => !_goneUntil.TryGetValue(model, out var until) || until <= now).ToList();
        return present.Count > 0 ? present : models;
    }

    public void MarkGone(string model) => _goneUntil[model] = timeProvider.GetUtcNow() + GroqConstants.GoneModelMemory;
}
