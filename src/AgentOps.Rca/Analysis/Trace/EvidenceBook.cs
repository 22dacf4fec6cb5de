using System.Globalization;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>The evidence of a report: each fact once, numbered in the order it is first used, and checked when it is entered.</summary>
internal sealed class EvidenceBook(RcaCase rcaCase)
{
    private readonly EvidenceChecker _checker = new(rcaCase);
    private readonly Dictionary<Fact, RcaEvidence> _entries = [];

    public IReadOnlyList<RcaEvidence> Entries => [.. _entries.Values];

    public bool IsChecked(string id) => _entries.Values.Any(entry => entry.Id == id && entry.Checked);

    public async ValueTask<string> EnterAsync(string kind, Fact fact, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(fact, out var known))
        {
            return known.Id;
        }

        var entry = new RcaEvidence
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"E{_entries.Count + 1}"),
            Kind = kind,
            SpanId = fact.SpanId,
            ArtifactDigest = fact.Artifact?.ToString(),
            Pointer = fact.Pointer,
            Quote = fact.Quote,
            Text = fact.Text,
        };
        entry = entry with { Checked = await _checker.HoldsAsync(entry, cancellationToken).ConfigureAwait(false) };
        _entries.Add(fact, entry);
        return entry.Id;
    }
}
