using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Takes the spans that a <see cref="CaseReader"/> reads.</summary>
/// <param name="forest">Where they go.</param>
internal sealed class CaseTaker(SpanForest.Builder forest)
{
    private readonly List<int> _numbers = [];

    /// <summary>Whether spans that are no evidence are taken as well.</summary>
    public bool TakesRecords { get; init; }

    /// <summary>Whether a span of this id is taken; all are by default.</summary>
    public WantSpan? IsWanted { get; init; }

    /// <summary>Told the digest of each span that was taken, in the order in which the forest numbers them.</summary>
    public required Action<int, ArtifactDigest> Hashed { get; init; }

    /// <summary>Told the names of artifacts that are no digests, as a span gives them.</summary>
    public Action<int, string?, string?>? MalformedFound { get; init; }

    /// <summary>Takes the rows of a batch, before they are hashed.</summary>
    public void Take(SpanRowBatch batch, JsonElement attributes)
    {
        _numbers.Clear();
        foreach (var element in attributes.EnumerateArray())
        {
            _numbers.Add(Take(batch[_numbers.Count], element));
        }
    }

    /// <summary>Tells the digests of the batch that was taken.</summary>
    public void Tell(ArtifactDigest[] digests)
    {
        for (var row = 0; row < _numbers.Count; row++)
        {
            if (_numbers[row] >= 0)
            {
                Hashed(_numbers[row], digests[row]);
            }
        }
    }

    /// <summary>Takes a span.</summary>
    /// <returns>Its number in the forest, or -1 when it is not taken.</returns>
    public int Take(in SpanRow row, JsonElement attributes)
    {
        if ((!TakesRecords && !ToolNames.IsEvidence(forest.Intern(row.Tool))) || IsWanted?.Invoke(row.SpanId) == false || !forest.TryAdd(row, attributes))
        {
            return -1;
        }

        var number = forest.Count - 1;
        if (MalformedFound is not null
            && ((row.HasArgs && !ArtifactDigest.TryParse(row.ArgsDigest, out _)) || (row.HasResult && !ArtifactDigest.TryParse(row.ResultDigest, out _))))
        {
            MalformedFound(
                number, row.HasArgs ? Encoding.UTF8.GetString(row.ArgsDigest) : null, row.HasResult ? Encoding.UTF8.GetString(row.ResultDigest) : null);
        }

        return number;
    }

    /// <summary>Says whether a span is taken.</summary>
    /// <param name="spanId">Its id in UTF-8.</param>
    internal delegate bool WantSpan(ReadOnlySpan<byte> spanId);
}
