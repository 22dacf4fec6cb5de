using System.Collections.Frozen;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>Words that say nothing of their own about a run: those of grammar, and those that any sentence about any run may use.</summary>
internal static class NeutralWords
{
    private static readonly FrozenSet<string> Stems = (
        "a an the this that these those it itself they them there here he she him her who whom whose which what where when while whereas how why whether if unless though although even though "
        + "of in on at to for from by with into onto upon per via within through throughout during between among amid against about around across along toward towards up down out off away back near beside "
        + "besides besides except but and or nor yet so then than as because since until till once after before not no never neither either both all each every any some such own other another else only just also too "
        + "very much more least less little quite rather almost nearly roughly approximately about exactly precisely barely merely simply really actually clearly apparently evidently obviously "
        + "plainly indeed already still again ever soon now later earlier first last next previous previously former latter final finally initially originally eventually meanwhile "
        + "afterwards thereafter thereby therefore hence thus consequently accordingly however nevertheless nonetheless instead otherwise moreover furthermore additionally "
        + "be have do can could may might must shall should will would cannot get give take make come go put set let keep hold become remain stay turn bring carry seem appear look "
        + "say tell state mention note show indicate reveal demonstrate suggest confirm mean imply name call label mark flag list describe explain point prove see find observe record log register count "
        + "number amount total figure value sum kind type sort way manner case thing part piece item entry line row field place position end start begin beginning stop finish close open happen occur take-place "
        + "run step span trace call request attempt operation action task process job work agent assistant tool function model service "
        + "message text word sentence content result output input argument parameter reply respond answer return response outcome evidence fact finding detail information reason cause effect ground source origin "
        + "incident symptom case problem-type time moment instant clock date timestamp utc second minute hour millisecond point need use want try lead follow precede belong concern involve relate refer base depend "
        + "contain include consist comprise hold stand sit lie rest exist own self alone together apart single one two three four five six seven eight nine ten half zero tenth "
        + "ask demand serve produce yield deliver give-back pass forward hand reach arrive expect intend plan suppose attempt ready done main direct directly immediate immediately respective respectively "
        + "same-time currently itself upon whose thing thereof therein whereby wherein quote cite read consider long-lasting past ago further enough nor plus minus "
        + "fall rise land come-up amount-to equal-to compute bear hereby it's that's there's didn't doesn't don't isn't wasn't weren't couldn't wouldn't hasn't haven't hadn't can't won't "
        + "its their his our we us you your i me my")
        .Split(' ').Select(EnglishStem.Of).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Short forms in capitals that name no particular thing.</summary>
    private static readonly FrozenSet<string> Capitals =
        "HTTP HTTPS API JSON SQL UTC GMT ID IDS LLM AI MCP URL URI XML TCP TLS DNS CPU RAM ETA OK I POST GET PUT PATCH DELETE".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public static bool Contains(string stem) => Stems.Contains(stem);

    public static bool IsCapitals(string word) => Capitals.Contains(word);
}
