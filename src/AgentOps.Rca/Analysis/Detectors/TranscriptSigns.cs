using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>What the words of an agent's step give away: rules of thumb on English text and on the output of programs.</summary>
internal static partial class TranscriptSigns
{
    /// <summary>The output of a program that was run, rather than something that was thought.</summary>
    public static bool IsOutput(string text) => Output.IsMatch(text);

    /// <summary>The place where the output of a program says that it failed, or null.</summary>
    public static Match? Failure(string text) => Found(FailedOutput.Match(text));

    /// <summary>The place where something is taken for granted, made up, or remembered instead of looked up, or null.</summary>
    public static Match? Assumption(string text) => Found(Assumed.Match(text));

    /// <summary>The place where something could not be had or done, or null.</summary>
    public static Match? Obstacle(string text) => Found(Missing.Match(text));

    /// <summary>The place where a program is written that somebody else will run, or null.</summary>
    public static Match? Program(string text) => Found(Code.Match(text));

    private static Match? Found(Match match) => match.Success ? match : null;

    [GeneratedRegex(@"^\s*(?:exit ?code:|.{0,80}\bno code\b.{0,60}\bto execute|Traceback \(most recent call last\)|(?:stdout|stderr|output):)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Output { get; }

    [GeneratedRegex(@"exit ?code: [1-9]|execution failed|Traceback \(most recent call last\)|\b\w+(?:Error|Exception):", RegexOptions.CultureInvariant)]
    private static partial Regex FailedOutput { get; }

    [GeneratedRegex(
        @"\b(?:assum(?:e|ed|ing|ption)|suppose|simulat\w*|hypothetical|placeholder|(?:sample|example|dummy|mock(?:ed)?) data|for the sake of|for demonstration|for illustrat\w*|pretend"
        + @"|let'?s say|likely|probably|presumably|typically|I (?:believe|recall|think)|(?:my|general|common|historical) knowledge|from memory|educated guess|estimate)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assumed { get; }

    [GeneratedRegex(
        @"\b(?:unable to|could not|cannot|can't|failed to|not (?:found|available|accessible)|no (?:results|data|information)|does not (?:exist|provide|contain)|timed? ?out|access denied|captcha|sign in|log ?in"
        + @"|(?:404|403|500|502|503)\b.{0,30}(?:error|not found|forbidden))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Missing { get; }

    [GeneratedRegex("```", RegexOptions.CultureInvariant)]
    private static partial Regex Code { get; }
}
