namespace AgentOps.Rca.Auditing;

/// <summary>What is recorded of what people and programs do: the tools of the spans that say so.</summary>
public static class AuditActions
{
    /// <summary>An incident was analysed.</summary>
    public const string Analysis = "audit.analysis";

    /// <summary>A report was decided on, or somebody was not allowed to.</summary>
    public const string Decision = "audit.decision";

    /// <summary>A bundle was taken in, or refused.</summary>
    public const string Import = "audit.import";

    /// <summary>A bundle was given out.</summary>
    public const string Export = "audit.export";

    /// <summary>Content was read in which personal data is not masked.</summary>
    public const string UnmaskedRead = "audit.read";

    /// <summary>A key was sent that is none of this host, or is over: once a minute for each source.</summary>
    public const string KeyRefused = "audit.key_refused";

    /// <summary>Somebody was not allowed what was asked for, or asked to wait: once a minute for each caller and endpoint.</summary>
    public const string Denied = "audit.denied";

    /// <summary>A session of the page was begun with a key.</summary>
    public const string SignIn = "audit.sign_in";

    /// <summary>A session of the page was ended by signing out: its cookie is worth nothing from then on.</summary>
    public const string SignOut = "audit.sign_out";

    /// <summary>The host has started, with these settings.</summary>
    public const string Start = "audit.start";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Analysis, Decision, Denied, Export, Import, KeyRefused, UnmaskedRead, SignIn, SignOut, Start];
}
