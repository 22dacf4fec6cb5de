using System.Globalization;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>The places that a model cites, as evidence of a report, each held against the stored bytes.</summary>
internal sealed class ModelEvidence(RcaCase rcaCase)
{
    private readonly EvidenceChecker _checker = new(rcaCase);
    private readonly List<RcaEvidence> _entries = [];

    public IReadOnlyList<RcaEvidence> Entries => _entries;

    /// <summary>The id of what a citation of the detectors' evidence points at; null for a step.</summary>
    public static string? NameOf(CheckedCitation citation) => citation.Evidence?.Evidence.Id;

    public bool IsChecked(string id, RcaReport trace) => (_entries.Find(entry => entry.Id == id) ?? trace.Evidence.FirstOrDefault(entry => entry.Id == id))?.Checked == true;

    /// <summary>The ids of the evidence; words that the model quoted become evidence of their own, so that a reader finds them.</summary>
    public async ValueTask<List<string>> EnterAsync(IReadOnlyList<CheckedCitation> cited, CancellationToken cancellationToken)
    {
        List<string> ids = [];
        foreach (var citation in cited)
        {
            if (citation.Evidence is { } item)
            {
                ids.Add(item.Evidence.Id);
                if (citation is { Quote: { } quote, IsVerbatim: true } && item.Evidence.Quote?.Contains(quote, StringComparison.Ordinal) != true)
                {
                    ids.Add(await EnterAsync(new RcaEvidence
                    {
                        Id = "",
                        Kind = "model_quote",
                        SpanId = item.Evidence.SpanId,
                        ArtifactDigest = item.Evidence.ArtifactDigest,
                        Quote = quote,
                        Text = $"The language model points at these words within {item.Evidence.Id}.",
                    }, cancellationToken).ConfigureAwait(false));
                }
            }
            else if (citation.Node is { } node)
            {
                ids.Add(await EnterAsync(await OfStepAsync(citation, node.SpanId, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
            }
        }

        return [.. ids.Distinct(StringComparer.Ordinal)];
    }

    private async ValueTask<RcaEvidence> OfStepAsync(CheckedCitation citation, string spanId, CancellationToken cancellationToken)
    {
        if (citation.Text is not { } text)
        {
            return new RcaEvidence { Id = "", Kind = "model_step", SpanId = spanId, Pointer = "/start_ts", Text = $"The language model points at this step ({Words.Name(citation.Node!.Tool)})." };
        }

        var place = text.Place;
        var said = new RcaEvidence
        {
            Id = "",
            Kind = "model_quote",
            SpanId = place.SpanId,
            ArtifactDigest = place.Artifact?.ToString(),
            Pointer = place.Pointer,
            Quote = citation.Quote,
            Text = $"The language model points at “{Words.Short(citation.Record.Quote ?? "")}” in what this step {Meaning(text.Of)}.",
        };

        // Bytes may have the words escaped; then the pointer leads to them.
        return await _checker.HoldsAsync(said, cancellationToken).ConfigureAwait(false) || said.Pointer is null ? said : said with { Quote = null };
    }

    private static string Meaning(string of) => of switch
    {
        "arguments" or "given" or "request" or "instructions" => "was given",
        "result" => "returned",
        "error" => "failed with",
        "finish" => "stopped with",
        "asked" => "asked for",
        _ => "said",
    };

    private async ValueTask<string> EnterAsync(RcaEvidence evidence, CancellationToken cancellationToken)
    {
        var known = _entries.Find(entry => entry.Quote == evidence.Quote && entry.SpanId == evidence.SpanId && entry.ArtifactDigest == evidence.ArtifactDigest && entry.Pointer == evidence.Pointer && entry.Text == evidence.Text);
        if (known is null)
        {
            known = evidence with { Id = string.Create(CultureInfo.InvariantCulture, $"M{_entries.Count + 1}"), Checked = await _checker.HoldsAsync(evidence, cancellationToken).ConfigureAwait(false) };
            _entries.Add(known);
        }

        return known.Id;
    }
}
