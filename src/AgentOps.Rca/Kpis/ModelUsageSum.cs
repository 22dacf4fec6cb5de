using AgentOps.Rca.Json;

namespace AgentOps.Rca.Kpis;

/// <summary>Adds up model calls. What one call does not say makes the sum unknown: adding the rest would be too small a number.</summary>
internal sealed class ModelUsageSum
{
    private readonly SortedDictionary<string, UsageTotal> _models = new(Utf8Comparer.Instance);

    public bool IsEmpty => _models.Count == 0;

    public void Add(ModelCallUsage call)
    {
        // No model is called "", so it stands for the calls that name none.
        var model = call.Model ?? "";
        var sum = _models.GetValueOrDefault(model, UsageTotal.Nothing);
        _models[model] = sum.Plus(new UsageTotal(1, call.InputTokens, call.OutputTokens, call.CostUsd));
    }

    public IReadOnlyList<ModelUsage> ByModel() =>
        [.. _models.Select(pair => pair.Value.ToUsage(pair.Key.Length == 0 ? null : pair.Key))];

    public ModelUsage? Total() => IsEmpty
        ? null
        : _models.Values.Aggregate(UsageTotal.Nothing, (left, right) => left.Plus(right)).ToUsage(_models.Count == 1 ? ByModel()[0].Model : null);

    private readonly record struct UsageTotal(long Calls, long? Input, long? Output, decimal? Cost)
    {
        public static UsageTotal Nothing { get; } = new(0, 0, 0, 0);

        public UsageTotal Plus(UsageTotal other) => new(Calls + other.Calls, Input + other.Input, Output + other.Output, Cost + other.Cost);

        public ModelUsage ToUsage(string? model) => new(model, Calls, Input, Output, (double?)Cost);
    }
}
