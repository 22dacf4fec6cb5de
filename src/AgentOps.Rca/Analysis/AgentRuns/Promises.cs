using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Texts that only say what their writer is about to do: "Let me check that for you."</summary>
internal static partial class Promises
{
    private const int MostText = 600;

    /// <summary>The promise, where nothing but promises and pleasantries stands in a text; else null.</summary>
    public static string? Of(string text)
    {
        if (text.Length > MostText || text.Contains('?', StringComparison.Ordinal) || text.Contains("```", StringComparison.Ordinal))
        {
            return null;
        }

        string? promise = null;
        foreach (Match match in Sentence().Matches(text))
        {
            var sentence = match.Value.Trim();
            if (Work().IsMatch(sentence) && !Open().IsMatch(sentence))
            {
                promise ??= sentence;
            }
            else if (!Filler().IsMatch(sentence))
            {
                return null;
            }
        }

        return promise;
    }

    /// <summary>Whether what a user said asks for such words, or for nothing that is to be done now.</summary>
    public static bool Asks(string request) => Wanted().IsMatch(request);

    // A point within a number or a name ends no sentence.
    [GeneratedRegex(@"(?>[^.!\n…:;]+|[.:](?=[\w/]))+[.!…:;]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?:\b(?:(?:let|allow) (?:me|us)(?: to)?|(?:i|we)(?:['’]ll| will| shall|['’]m (?:now )?(?:going to|about to)| am (?:now )?(?:going to|about to)| need to| have to|['’]d like to| want to)|going to|(?:i|we) (?:can|could) )\s*(?:now |first |then |also |just |quickly |go ahead and |start by |begin by |proceed to |try to |try and |have to |need to |continue to |take a moment to |take a (?:closer |quick )?)*(?:check|look|search|find|get|fetch|pull|retriev|investigat|review|run|read|open|see\b|verif|examin|analy[sz]|query|start|begin|creat|updat|fix|try|process|book|cancel|inspect|confirm|compar|calculat|comput|gather|collect|dig|explor|test|implement|add|writ|chang|modif|install|build|debug|load|list|scan|browse|locat|identif|assess|evaluat|determin|proceed|continue|work on|handle|take care|apply|set|prepare|research|consult|examine|track|submit|fil(?:e|l)|extract|parse|summari[sz]|generat)|\blet['’]s (?:now |first |quickly )?(?:check|look|see|find|search|verify)\b|^\W*(?:please )?give me (?:a|one|just a) (?:few )?(?:second|moment|minute|sec)s?\b|^\W*(?:now |next,? |first,? |okay,? |ok,? |sure,? |alright,? )*(?:(?:i|we)(?:['’]m| am|['’]re| are) )?(?:now |currently |just )*(?:checking|looking|searching|fetching|retrieving|investigating|reviewing|running|reading|pulling|querying|processing|analy[sz]ing|verifying|gathering)\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Work();

    // What waits for somebody or something else, is offered or is denied, and what was done.
    [GeneratedRegex(@"\b(?:let me know|if you|if there|if it|once|when(?:ever)?|as soon as|until|unless|after you|before you|need (?:you|your|to know|more|the|some)|happy to|glad to|here (?:to|for)|be here|cannot|can['’]t|can not|unable|won['’]t|will not|not able|never|tomorrow|later|next (?:time|week|month|day)|in future|from now on|would you|you (?:can|could|may|should)|please (?:provide|tell|share|send|confirm|give|enter|specify|let|choose|pick|select|reply|answer)|transfer|escalat|hand (?:you|this|it) (?:over|off)|human|specialist|colleague|have (?:now )?\w+ed\b|has been|have been|was|were|because|according|found|shows?|result|result(?:s|ed) (?:is|are)|remind|stop|end (?:the|this|our)|close (?:the|this|our) (?:chat|conversation)|terminate|thank)\b|TERMINATE",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Open();

    [GeneratedRegex(@"^\W*(?:(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|alright|all right|got it|great(?: question)?|good question|perfect|understood|no problem|right away|(?:i['’]m )?on it|one moment|just a (?:moment|second|sec|minute)|a moment|hold on|hang on|bear with me|please wait|please|i understand|i see|hello|hi|hey|hmm|yes|right|thanks for (?:your patience|asking|waiting|reaching out)|thank you for (?:your patience|asking|waiting|reaching out)|this (?:may|will|might) (?:only )?take a (?:moment|second|few \w+|minute)|i(?:['’]d| would) be (?:happy|glad) to (?:help|assist)(?: you)?(?: with (?:that|this))?|i can (?:help|assist)(?: you)?(?: with (?:that|this))?|there|then|and get back to you|i(?:['’]ll| will) (?:get back to you|be right back|let you know)(?: (?:shortly|soon|right away|in a moment))?)\W*)*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Filler();

    [GeneratedRegex(@"\b(?:from now on|in future|next time|whenever|remember (?:that|to|this|my)|draft|translate|rephrase|reword|rewrite|paraphrase|compose|proofread|what (?:will|would|do) you (?:do|plan)|how (?:will|would) you|your plan|plan (?:first|only)|pretend|role-?play|act as|(?:write|suggest|give me|make) (?:an?|the|some|me an?) (?:\w+ ){0,3}(?:reply|replies|response|answer|message|e-?mail|sentence|story|dialogue?|text|note|letter|greeting)s?|sentence|say)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wanted();
}
