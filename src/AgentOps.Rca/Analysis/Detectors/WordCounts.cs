using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>How often each word, and each set of words that are no errors, occurs in the calls of a tool.</summary>
internal sealed class WordCounts
{
    private readonly List<(IReadOnlyList<string> Words, Shape Shape, SpanNode Node)> _calls = [];

    public WordCounts(IReadOnlyList<SpanNode> nodes, Func<SpanNode, IReadOnlyList<string>> wordsOf, Func<string, bool> isError)
    {
        Total = nodes.Count;
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var words = wordsOf(node);
            var shape = Shape.Of(words.Where(word => !isError(word)));
            shape = shapes.TryGetValue(shape.Key, out var known) ? known : shapes[shape.Key] = shape;
            _calls.Add((words, shape, node));
            if (!Shapes.TryGetValue(shape, out var alike))
            {
                Shapes.Add(shape, alike = []);
            }

            alike.Add(node);
            Count(words, 1);
        }
    }

    public WordCounts(CallShapes usual, Func<string, bool> isError)
    {
        foreach (var call in usual.Shapes)
        {
            IReadOnlyList<string> words = [.. call.Words.Select(place => usual.Words[place])];
            Shapes.TryAdd(Shape.Of(words.Where(word => !isError(word))), []);
            Count(words, call.Count);
            Total += call.Count;
        }
    }

    public long Total { get; }

    public Dictionary<string, long> Words { get; } = new(StringComparer.Ordinal);

    public Dictionary<Shape, List<SpanNode>> Shapes { get; } = [];

    public IEnumerable<IReadOnlySet<string>> Sets => Shapes.Keys.Select(shape => shape.Words);

    public List<SpanNode> With(string word) => [.. _calls.Where(call => call.Words.Contains(word)).Select(call => call.Node)];

    public List<SpanNode> Without(string word) => [.. _calls.Where(call => !call.Words.Contains(word)).Select(call => call.Node)];

    /// <summary>In how many of the calls without the word all they did is part of a known set that has it.</summary>
    public int CutShort(string word, WordCounts before)
    {
        var holders = before.Sets.Where(set => set.Contains(word)).ToList();
        return Shapes.Where(pair => !pair.Key.Words.Contains(word) && holders.Exists(set => StructureChanges.IsPart(pair.Key.Words, set)))
            .Sum(pair => pair.Value.Count);
    }

    private void Count(IReadOnlyList<string> words, long times)
    {
        foreach (var word in words)
        {
            Words[word] = Words.GetValueOrDefault(word) + times;
        }
    }
}

/// <summary>A set of words; equal when the words are.</summary>
internal sealed record Shape
{
    private Shape(string key, HashSet<string> words)
    {
        Key = key;
        Words = words;
    }

    public string Key { get; }

    public IReadOnlySet<string> Words { get; }

    public static Shape Of(IEnumerable<string> words)
    {
        var ordered = words.Order(StringComparer.Ordinal).ToList();
        return new Shape(string.Join('\n', ordered), new HashSet<string>(ordered, StringComparer.Ordinal));
    }

    public bool Equals(Shape? other) => other is not null && Key == other.Key;

    public override int GetHashCode() => string.GetHashCode(Key, StringComparison.Ordinal);
}
