namespace AgentOps.Rca.Redaction;

/// <summary>A part of a text as it may be shown, with the place of what it stands for.</summary>
/// <param name="Start">Where the original begins, in characters.</param>
/// <param name="Length">How many characters of the original it stands for.</param>
/// <param name="Text">What is shown: the original, or a placeholder such as <c>[SECRET_1]</c>.</param>
/// <param name="IsMasked">Whether it is a placeholder.</param>
internal readonly record struct ShownPart(int Start, int Length, string Text, bool IsMasked);
