namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>What a piece of a sentence is.</summary>
internal enum TokenKind
{
    Word,
    Quote,
    Tool,
    Clock,
    Figure,
    Name,
    Mark,
}

/// <summary>A piece of a sentence.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotation marks.</param>
/// <param name="Stem">A word's stem; otherwise the text.</param>
internal sealed record ClaimToken(TokenKind Kind, string Text, string Stem)
{
    /// <summary>The full names of the tools that it may stand for.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The quantity of a figure.</summary>
    public Quantity? Quantity { get; init; }

    /// <summary>The meanings that it or the phrase around it has.</summary>
    public Meanings Means { get; set; }

    /// <summary>Whether it was read as a part of a phrase and stands for nothing by itself.</summary>
    public bool IsBound { get; set; }

    /// <summary>Whether a negation reaches it.</summary>
    public bool IsNegated { get; set; }

    public bool Is(params ReadOnlySpan<string> words) =>
        Kind == TokenKind.Word && words.Contains(Text.ToLowerInvariant(), StringComparer.Ordinal);

    public bool IsMark(params ReadOnlySpan<string> marks) => Kind == TokenKind.Mark && marks.Contains(Text, StringComparer.Ordinal);
}

/// <summary>A part of a sentence between commas, semicolons or words that join sentences.</summary>
internal sealed record Clause(IReadOnlyList<ClaimToken> Tokens)
{
    public IEnumerable<ClaimToken> Of(TokenKind kind) => Tokens.Where(token => token.Kind == kind);

    public bool Means(Meanings meaning) => Tokens.Any(token => (token.Means & meaning) != 0);
}

/// <summary>A sentence with its clauses.</summary>
internal sealed record Sentence(IReadOnlyList<ClaimToken> Tokens, IReadOnlyList<Clause> Clauses);
