using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>
/// How far a sentence about a run follows from the records it cites. What contradicts them, or says what none of them does, is refused;
/// what each rule can follow is carried; the rest is the speaker's own reading, neither proven nor called unsupported.
/// </summary>
internal sealed partial class ClaimCheck
{
    private static readonly IClaimRule[] Rules =
    [
        new InstructionRule(), new QuoteRule(), new NameRule(), new ToolRule(), new FigureRule(), new ClockRule(), new ComparisonRule(),
        new PolarityRule(), new CauseRule(), new OrderRule(), new ScopeRule(), new IncidentRule(), new WordRule(),
    ];

    private readonly RunIndex _run;
    private readonly ClaimReader _reader;
    private readonly SourceRecord _incident;

    public ClaimCheck(RcaCase rcaCase)
    {
        _run = new RunIndex(rcaCase.Spans);
        _reader = new ClaimReader(_run.Tools);
        _incident = ClaimSource.IncidentRecord(_reader, rcaCase.Incident);
    }

    /// <summary>What the words of these records mean.</summary>
    public Meanings MeaningsOf(IEnumerable<CitedRecord> cited) =>
        cited.Aggregate(Meanings.None, (all, record) => all | new SourceRecord(_reader, record).Means);

    public ClaimVerdict Judge(Claim claim)
    {
        // A record may have been shown under a name that no span has today.
        var others = claim.Cited.Select(cited => cited.Tool).Concat(claim.Cited.SelectMany(cited => ToolForm.Matches(cited.Text).Select(match => match.Value))).OfType<string>().Where(tool => !_run.Tools.Contains(tool)).Distinct(StringComparer.Ordinal).ToList();
        var reader = others.Count == 0 ? _reader : new ClaimReader(_run.Tools.Concat(others));
        var source = new ClaimSource(_run, _incident, [.. claim.Cited.Select(cited => new SourceRecord(reader, cited))]);
        if (source.Records.Count == 0)
        {
            return new ClaimVerdict(StatementLevel.Refused, ["it cites nothing that is there"]);
        }

        var sentences = reader.Read(claim.Text);
        var doubts = Rules.SelectMany(rule => rule.Check(new ClaimView(claim, sentences, source))).ToList();
        if (claim.BrokenCitations > 0)
        {
            doubts.Insert(0, Doubt.Refuted("a citation does not hold"));
        }

        var refuted = doubts.Where(doubt => doubt.Refutes).Select(doubt => doubt.Why).Distinct(StringComparer.Ordinal).ToList();
        var level = refuted.Count > 0 ? StatementLevel.Refused
            : doubts.Count > 0 ? StatementLevel.Reading
            : IsVerbatim(sentences) ? StatementLevel.Quoted
            : StatementLevel.Carried;
        return new ClaimVerdict(level, refuted.Count > 0 ? refuted : [.. doubts.Select(doubt => doubt.Why).Distinct(StringComparer.Ordinal)]);
    }

    // service/operation, as sentences of ours name a call; no address and no path.
    [GeneratedRegex(@"(?<![\w/:.])[A-Za-z][\w.-]*/[\w.-]*\w(?![/\w])", RegexOptions.CultureInvariant)]
    private static partial Regex ToolForm { get; }

    /// <summary>Whether beside its quotes it only says whose words they are.</summary>
    private static bool IsVerbatim(IReadOnlyList<Sentence> sentences)
    {
        var tokens = sentences.SelectMany(sentence => sentence.Tokens).ToList();
        return tokens.Exists(token => token.Kind == TokenKind.Quote) && tokens.TrueForAll(token =>
            token.Kind is not TokenKind.Word || token is { IsNegated: false, IsBound: false, Means: Meanings.None } && NeutralWords.Contains(token.Stem));
    }
}

/// <summary>A claim as the rules look at it.</summary>
internal sealed record ClaimView(Claim Claim, IReadOnlyList<Sentence> Sentences, ClaimSource Source)
{
    public IEnumerable<ClaimToken> Tokens => Sentences.SelectMany(sentence => sentence.Tokens);

    public IEnumerable<Clause> Clauses => Sentences.SelectMany(sentence => sentence.Clauses);
}

/// <summary>One way in which a claim can fail to follow from its records.</summary>
internal interface IClaimRule
{
    IEnumerable<Doubt> Check(ClaimView view);
}
