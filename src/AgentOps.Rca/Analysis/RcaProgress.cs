namespace AgentOps.Rca.Analysis;

/// <summary>A step of an analysis under way.</summary>
/// <param name="Stage">One of the stages of <see cref="RcaStages"/>.</param>
/// <param name="Message">What is being done, in a sentence.</param>
public sealed record RcaProgress(string Stage, string Message);

/// <summary>What an analysis tells while it is enumerated: a step, and at the end the outcome.</summary>
/// <param name="Progress">A step; null in the last update.</param>
/// <param name="Outcome">How it ended; null before.</param>
public sealed record RcaUpdate(RcaProgress? Progress, RcaOutcome? Outcome);

/// <summary>The stages of an analysis, in their usual order.</summary>
public static class RcaStages
{
    /// <summary>Incident, spans and baseline are loaded.</summary>
    public const string CaseLoaded = "case_loaded";

    /// <summary>The detectors have looked at the spans.</summary>
    public const string Evidence = "evidence";

    /// <summary>A language model is being asked.</summary>
    public const string ModelCall = "model_call";

    /// <summary>The model's citations are being checked.</summary>
    public const string CitationCheck = "citation_check";

    /// <summary>The report is stored.</summary>
    public const string Report = "report";

    /// <summary>The analysis failed.</summary>
    public const string Error = "error";
}
