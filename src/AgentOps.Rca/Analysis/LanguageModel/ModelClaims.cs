using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.LanguageModel.Claims;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Checks the sentences of a model one by one, and counts them by level.</summary>
internal sealed partial class ModelClaims(RcaCase rcaCase)
{
    private readonly ClaimCheck _check = new(rcaCase);
    private readonly int[] _counts = new int[4];

    public RcaStatementCounts? Counts => Total == 0 ? null : new RcaStatementCounts(
        _counts[(int)StatementLevel.Quoted], _counts[(int)StatementLevel.Carried], _counts[(int)StatementLevel.Reading], _counts[(int)StatementLevel.Refused]);

    public int Total => _counts.Sum();

    public int Refused => _counts[(int)StatementLevel.Refused];

    /// <summary>The share of sentences that are quoted or carried; null when there is none.</summary>
    public double? Rate => Total == 0 ? null : Math.Round((double)(_counts[(int)StatementLevel.Quoted] + _counts[(int)StatementLevel.Carried]) / Total, 3);

    /// <summary>What the cited words mean.</summary>
    public Meanings MeaningsOf(IEnumerable<CheckedCitation> cited) => _check.MeaningsOf(cited.Select(citation => citation.Record));

    /// <summary>Counts a sentence that code wrote from slots.</summary>
    public void Count(StatementLevel level) => _counts[(int)level]++;

    /// <summary>The sentences of a text with their levels; those that are refused are counted and left out.</summary>
    /// <param name="text">The text, fit to be shown.</param>
    /// <param name="cited">The citations that hold.</param>
    /// <param name="broken">How many do not.</param>
    /// <param name="evidence">The ids of the report's evidence that they became.</param>
    public List<RcaStatement> Read(string text, IReadOnlyList<CheckedCitation> cited, int broken, IReadOnlyList<string> evidence)
    {
        List<RcaStatement> statements = [];
        foreach (var sentence in Ends.Split(text).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0))
        {
            var verdict = _check.Judge(new Claim(sentence, null, [.. cited.Select(citation => citation.Record)], broken));
            _counts[(int)verdict.Level]++;
            if (verdict.Level != StatementLevel.Refused)
            {
                statements.Add(new RcaStatement(sentence, verdict.Level) { Evidence = evidence, Why = verdict.Why.Count > 0 ? string.Join("; ", verdict.Why) : null });
            }
        }

        return statements;
    }

    [GeneratedRegex("""(?<=[.!?]["”’)]?)\s+(?=["“(]?\p{Lu}|["“(]?[a-z]+[./_])""", RegexOptions.CultureInvariant)]
    private static partial Regex Ends { get; }
}
