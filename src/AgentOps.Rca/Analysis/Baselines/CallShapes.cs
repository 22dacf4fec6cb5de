namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>Which sets of things went together in the calls of a tool, and how often: its calls below, or its events.</summary>
public sealed record CallShapes
{
    // What a tool does rarely is no measure; the commonest shapes carry nearly all calls.
    private const int MostShapes = 200;

    /// <summary>No calls at all.</summary>
    public static CallShapes Empty { get; } = new();

    /// <summary>The words that shapes are made of, in ordinal order.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The shapes, the commonest first.</summary>
    public IReadOnlyList<CallShape> Shapes { get; init; } = [];

    /// <summary>Sums up one shape a call.</summary>
    /// <param name="calls">The words of each call, each once and in ordinal order.</param>
    internal static CallShapes Of(IEnumerable<IReadOnlyList<string>> calls)
    {
        var counts = new Dictionary<string, (IReadOnlyList<string> Words, long Count)>(StringComparer.Ordinal);
        foreach (var words in calls)
        {
            var key = string.Join('\n', words);
            counts[key] = (words, counts.GetValueOrDefault(key).Count + 1);
        }

        var kept = counts.OrderByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(MostShapes).ToList();
        var all = kept.SelectMany(pair => pair.Value.Words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var place = all.Select((word, index) => (word, index)).ToDictionary(pair => pair.word, pair => pair.index, StringComparer.Ordinal);
        return new CallShapes
        {
            Words = all,
            Shapes = [.. kept.Select(pair => new CallShape([.. pair.Value.Words.Select(word => place[word])], pair.Value.Count))],
        };
    }
}

/// <summary>A set of words that went together.</summary>
/// <param name="Words">Places in <see cref="CallShapes.Words"/>.</param>
/// <param name="Count">How many calls had exactly this set.</param>
public sealed record CallShape(IReadOnlyList<int> Words, long Count);
