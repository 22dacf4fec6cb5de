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

    /// <summary>The promise with which a text ends that tells something before it, where its writer says that it is to be done now; else null.</summary>
    public static string? AtEnd(string text)
    {
        if (text.Contains('?', StringComparison.Ordinal) || text.Contains('？', StringComparison.Ordinal) || text.Contains("```", StringComparison.Ordinal))
        {
            return null;
        }

        var last = Sentence().Matches(text).Select(static match => match.Value.Trim()).Where(static sentence => sentence.Any(char.IsLetter) && !Filler().IsMatch(sentence)).TakeLast(2).ToList();
        return last.Find(static sentence => AtOnce().IsMatch(sentence) && !Waits().IsMatch(sentence));
    }

    /// <summary>Whether a user asks to know something, and for nothing that is to be done.</summary>
    public static bool IsQuestion(string request) => Question().IsMatch(request);

    /// <summary>Whether what a user said asks for such words, or for nothing that is to be done now.</summary>
    public static bool Asks(string request) => Wanted().IsMatch(request);

    // A point within a number or a name ends no sentence.
    [GeneratedRegex(@"(?>[^.!\n…:;]+|[.:](?=[\w/]))+[.!…:;]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?:\b(?:(?:let|allow) (?:me|us)(?: to)?|(?:i|we)(?:['’]ll| will| shall|['’]m (?:now )?(?:going to|about to)| am (?:now )?(?:going to|about to)| need to| have to|['’]d like to| want to)|going to|(?:i|we) (?:can|could) )\s*(?:now |first |then |also |just |quickly |go ahead and |start by |begin by |proceed to |try to |try and |have to |need to |continue to |take a moment to |take a (?:closer |quick )?)*(?:check|look|search|find|get|fetch|pull|retriev|investigat|review|run|read|open|see\b|verif|examin|analy[sz]|query|start|begin|creat|updat|fix|try|process|book|cancel|inspect|confirm|compar|calculat|comput|gather|collect|dig|explor|test|implement|add|writ|chang|modif|install|build|debug|load|list|scan|browse|locat|identif|assess|evaluat|determin|proceed|continue|work on|handle|take care|apply|set|prepare|research|consult|examine|track|submit|fil(?:e|l)|extract|parse|summari[sz]|generat)|\blet['’]s (?:now |first |quickly )?(?:check|look|see|find|search|verify)\b|^\W*(?:please )?give me (?:a|one|just a) (?:few )?(?:second|moment|minute|sec)s?\b|^\W*(?:now |next,? |first,? |okay,? |ok,? |sure,? |alright,? )*(?:(?:i|we)(?:['’]m| am|['’]re| are) )?(?:now |currently |just )*(?:checking|looking|searching|fetching|retrieving|investigating|reviewing|running|reading|pulling|querying|processing|analy[sz]ing|verifying|gathering)\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Work();

    [GeneratedRegex(@"^\W*(?:what|which|who|whose|when|where|why|how|is|are|was|were|does|did|has|have|was|wer|wie|wo|wann|warum|welche\w*|ist|sind|hat|quel\w*|combien|où|quand|pourquoi|comment|qui|est-ce|qué|cuál\w*|cuánt\w*|cuándo|dónde|quién|cómo|che|quale|quanto|quando|dove|chi|come|o que|qual|quanto|quem|como|wat|welke|hoeveel|wanneer|waar|hoe|explain|describe|outline|erkläre?|explique\w*|explica\w*|spiega\w*|beschreibe?)\b|\bhow (?:you|to|would|do)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Question();

    // What is said to follow at once, in the languages that are read here.
    [GeneratedRegex(
        @"\b(?:i|we)(?:['’]ll| will|['’]m (?:now )?going to| am (?:now )?going to)\s+(?:now|then now|go ahead and|right away|immediately|proceed to|get (?:that|this|it) )\s*\w+|\b(?:i|we)(?:['’]ll| will)\s+\w+\b[^.!?\n]{0,80}\b(?:right (?:away|now)|now|immediately|and (?:get|come) back to you|and (?:then )?(?:let you know|report back|confirm))\b|\b(?:now )?proceeding to \w+|^(?:now )?(?:creating|booking|sending|submitting|filing|opening|placing|updating)\b[^.!?\n]{0,80}\bnow\b"
        + @"|\b(?:ich werde|wir werden)\s(?:\w+\s){0,3}?(?:jetzt|nun|gleich|sofort|umgehend)\b|\b(?:jetzt|nun)\s(?:werde|erstelle|lege|buche|sende|schicke|reserviere|bestelle|trage|storniere|überweise)\sich\b|\bich (?:erstelle|lege|buche|sende|schicke|reserviere|bestelle|trage|storniere|überweise|eröffne|kümmere)\b[^.!?\n]{0,60}\b(?:jetzt|nun|gleich|sofort|umgehend)\b"
        + @"|\b(?:je vais|nous allons)\s(?:maintenant|à présent|tout de suite|immédiatement)\s\w+|\bje (?:vais|m['’]occupe)\b[^.!?\n]{0,80}\b(?:maintenant|tout de suite|immédiatement|de suite|et je reviens vers vous)\b|\b(?:ahora|a continuación|enseguida|ahora mismo)\s(?:mismo\s)?(?:voy a|procedo a|procederé a|vamos a)\s\w+|\bvoy a\s\w+\b[^.!?\n]{0,80}\b(?:ahora|enseguida|de inmediato|y te (?:aviso|confirmo))\b"
        + @"|\b(?:ora|adesso|subito)\s(?:procedo|procederò|creo|apro|prenoto|invio|ordino|vado a)\b|\b(?:procedo|procederò|provvedo)\s(?:ora|subito|adesso)\b|\b(?:vou|iremos|vamos)\s(?:agora|já|imediatamente)\s\w+|\bagora (?:vou|irei)\s\w+|\bik (?:ga|zal)\s(?:\w+\s){0,3}?(?:nu|meteen|direct)\b|\bnu (?:ga|zal|maak|boek|stuur) ik\b|\bjeg (?:skal|vil)\s(?:nå|straks)\b|\bjag ska\s(?:nu|genast)\b"
        + @"|(?:これから|今から|すぐに)[^。\n]{0,40}(?:します|いたします)|(?:现在|現在|马上|立即)(?:就)?(?:为您|為您|帮您|去)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AtOnce();

    // For somebody or for something, or what is told, ended or left to others.
    [GeneratedRegex(@"\b(?:once|when|as soon as|until|unless|after you|if|wait|transfer|escalat\w*|connect|hand|human|colleague|specialist|gerne?|Fragen|questions|preguntas|domande|vragen|volontiers|explain|tell|show|describe|summari[sz]e|walk you|answer|end|close (?:the|this) (?:chat|conversation)|stop|tomorrow|later|sobald|wenn|falls|warte\w*|erkläre\w*|weiterleiten|verbinde\w*|morgen|später|dès que|quand|si|attend\w*|expliquer|transférer|demain|cuando|si|esperar|explicar|transferir|mañana|quando|se|aspett\w*|spieg\w*|trasferi\w*|domani|assim que|explicar|zodra|als|wacht\w*|uitleg\w*|doorverbind\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Waits();

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
