using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// The words of rules, bans and permissions in the languages that are read here: English, German, French and Spanish. A further language is added in this
/// file, and nowhere else.
/// </summary>
internal static partial class RuleWords
{
    /// <summary>Up to where what forbids a use comes before the name of a tool.</summary>
    /// <remarks>Ends directly before the name and its quotation marks.</remarks>
    public static bool ForbidsNext(string before) => UseOf().IsMatch(before);

    /// <summary>Whether what comes behind the name of a tool forbids its use, and what stands behind that; null when it does not.</summary>
    public static string? ForbiddenBy(string after) => MustNotBeUsed().Match(after) is { Success: true } match ? after[(match.Index + match.Length)..] : null;

    /// <summary>Whether what stands behind a ban takes nothing of it back: it ends, gives a reason, or says that it holds in any case.</summary>
    public static bool EndsBan(string after) => NothingMore().IsMatch(after);

    /// <summary>Whether a rule holds under a condition.</summary>
    public static bool IsConditional(string sentence) => Condition().IsMatch(sentence);

    /// <summary>Whether a rule is no more than advice, or holds only for some.</summary>
    public static bool IsOptional(string sentence) => Optional().IsMatch(sentence);

    /// <summary>Whether somebody who was asked says yes, or asks to go on.</summary>
    public static bool SaysYes(string text) => Yes().IsMatch(text);

    /// <summary>A verb without its ending, so that <c>deleting</c>, <c>deleted</c> and <c>delete</c> are the same; a noun without its plural.</summary>
    public static string Stem(string word)
    {
        var stem = word.EndsWith("ing", StringComparison.Ordinal) ? word[..^3] : word.EndsWith("ed", StringComparison.Ordinal) ? word[..^2] : word;
        return stem.Length > 4 && stem[^1] == stem[^2] ? stem[..^1] : stem.TrimEnd('e', 's');
    }

    /// <summary>Whether a name is written as one, so that it is no word of the language: <c>run_query</c>, <c>runQuery</c>, <c>db.query</c>.</summary>
    public static bool IsName(string tool) => NameOfTool().IsMatch(tool);

    /// <summary>The words of a text that are written as names, in its order.</summary>
    public static IEnumerable<string> Names(string text) => Names().Matches(text).Select(static match => match.Value).Distinct(StringComparer.Ordinal);

    /// <summary>Where a tool's name stands in a text as a whole word, letter for letter; -1 when it does not.</summary>
    public static int IndexOf(string text, string tool, int from = 0)
    {
        for (var at = text.IndexOf(tool, from, StringComparison.Ordinal); at >= 0; at = text.IndexOf(tool, at + 1, StringComparison.Ordinal))
        {
            var end = at + tool.Length;
            if ((at == 0 || !IsWord(text[at - 1])) && (end == text.Length || !IsWord(text[end])))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Whether an instruction was given to the agent that made a call: what forbids one agent something may be another's work.</summary>
    public static bool IsGivenTo(AgentRun run, Passage rule, ToolStep call) => run.Models.Any(model => model.Node.SpanId == rule.Place.SpanId
        && (call.Asker is { } asker ? model.Agent == asker.Agent && Conversations.AreSame(run, model, asker) : run.Models.All(other => other.Agent == model.Agent)));

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character is '_' or '-';

    private const string Tool = @"(?:(?:the|das|die|den|l['’]|la|le|el)\s*)?(?:(?:tools?|functions?|commands?|Werkzeug|Funktion|Befehl|outil|fonction|commande|herramienta|función|comando)\s+)?[`'""“*_]{0,3}\z";

    [GeneratedRegex(
        @"\b(?:never|do not|don['’]t|must not|mustn['’]t|must never|may not|may never|shall not|should not|shouldn['’]t|should never|are not (?:allowed|permitted) to|(?:is|are) (?:forbidden|prohibited)(?: from| to)?|avoid)\s+(?:ever\s+)?(?:us(?:e|ing)|call(?:ing)?|invok(?:e|ing)|run(?:ning)?|execut(?:e|ing)|touch(?:ing)?|trigger(?:ing)?)\s+" + Tool
        + @"|\b(?:niemals|nie)\s+" + Tool
        + @"|\bn['’](?:utilise[rz]?|appelle[rz]?|exécute[rz]?)\s+(?:jamais|pas|en aucun cas)\s+" + Tool + @"|\bne\s+(?:pas|jamais)\s+(?:utiliser|appeler|exécuter)\s+" + Tool + @"|\binterdit\s+d['’](?:utiliser|appeler|exécuter)\s+" + Tool
        + @"|\b(?:nunca|no|jamás)\s+(?:(?:debes?|puedes?)\s+)?(?:us(?:es?|ar)|utili(?:ces?|zar)|llam(?:es?|ar)(?:\s+a)?|invo(?:ques?|car)|ejecut(?:es?|ar))\s+" + Tool + @"|\bprohibido\s+(?:usar|utilizar|llamar(?:\s+a)?|ejecutar)\s+" + Tool,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UseOf();

    // Behind the name: what it does may be said first, but nothing of which something else is the subject.
    [GeneratedRegex(
        @"\A[`'""”*]{0,3}(?:\s+(?:tools?|functions?|commands?|itself))?(?:\s*[^.;:\n]{0,100}?(?:,|\b(?:and|but|so|which|that|und|aber|et|mais|y|pero))(?:\s+(?:it|thus|therefore|so|also|hence))?)?\s+(?:(?:must|may|shall|should|can) (?:not|never) (?:ever )?be (?:used|called|run|invoked|executed|touched)|(?:is|are) (?:strictly |absolutely )?(?:forbidden|prohibited|off[- ]limits|banned|disallowed|not allowed|not permitted|(?:not|never) to be (?:used|called|run|executed))"
        + @"|(?:darf|dürfen)\s+(?:\w+\s+){0,2}?(?:nicht|nie|niemals)\s+(?:\w+\s+){0,2}?(?:verwendet|benutzt|genutzt|aufgerufen|ausgeführt)(?: werden)?|(?:ist|sind) (?:streng(?:stens)? )?(?:verboten|untersagt|tabu)|(?:niemals|nie|nicht) (?:verwenden|benutzen|nutzen|aufrufen|ausführen)"
        + @"|ne (?:doit|doivent|peut|peuvent) (?:jamais|pas) être (?:utilisé|appelé|exécuté)e?s?|(?:est|sont) (?:strictement )?interdite?s?"
        + @"|(?:no|nunca) (?:se )?(?:debe|deben|puede|pueden) (?:usar|utilizar|llamar|ejecutar|ser (?:usad|utilizad|llamad|ejecutad)[oa]s?)(?:se)?|está[n]? (?:terminantemente |estrictamente )?prohibid[oa]s?)(?!\w)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MustNotBeUsed();

    [GeneratedRegex(
        @"\A[`'""”*)\]]{0,3}\s*(?:\z|[.;:!)—–]|,\s*(?!(?:and|or|nor)\b)|-\s|(?:under (?:any|no) circumstances?|in any case|at all|ever|for any (?:reason|purpose)|here|yourself|on your own|any ?more|any longer|because|since|as (?:it|they|this|that)|for (?:it|they)|it|they|use|verwenden|benutzen|nutzen|aufrufen|ausführen|auf keinen fall|unter keinen umständen|weil|da|denn|sous aucun prétexte|en aucun cas|car|parce que|bajo ningún concepto|en ningún caso|porque|ya que)\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NothingMore();

    [GeneratedRegex(
        @"\b(?:if|unless|without|before|except(?:ion(?:s|ally)?)?|until|till|when(?:ever)?|while|where|once|other than|apart from|besides|instead of|rather than|in case|otherwise|provided|as long as"
        + @"|wenn|falls|sofern|ohne|bevor|außer|bis|solange|statt|es sei denn|si|sauf|sans|avant|à moins|quand|lorsque|tant que|a menos|salvo|sin|antes|excepto|cuando|hasta|mientras|en lugar de)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(
        @"\b(?:if|unless|except|in case|otherwise|optional(?:ly)?|ideally|prefer(?:ably|red)?|recommended|when(?:ever)? (?:possible|needed|necessary|in doubt|appropriate)|where (?:possible|needed|necessary|appropriate)|may|might|could|consider|not necessary|no need"
        + @"|wenn|falls|sofern|möglichst|optional|si|sauf|éventuellement|salvo|opcional(?:mente)?|a menos)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Optional();

    [GeneratedRegex(
        @"(?<![\w-])(?:yes|yeah|yep|yup|sure|ok(?:ay)?|confirm(?:ed)?|correct|proceed|go ahead|please do|do it|do so|sounds (?:good|great|perfect|right)|that(?:['’]s| is) (?:right|correct|fine|good|great|perfect)|agree(?:d)?|approve(?:d)?|absolutely|definitely|perfect|great|exactly|let['’]?s (?:do|go|proceed|finalize)|works for me|fine with me|you (?:can|may) (?:now )?"
        + @"|ja|jawohl|jep|gerne|einverstanden|bestätige|in ordnung|mach das|passt|genau|nur zu|oui|d['’]accord|vas-y|allez-y|bien sûr|parfait|sí|claro|de acuerdo|adelante|vale|correcto|hazlo|confirmo)(?!\w)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Yes();

    [GeneratedRegex(@"^(?:\w+(?:[_.:/-]\w+)+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NameOfTool();

    [GeneratedRegex(@"(?<![\w./@-])(?:[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)(?![\w/@-]|\.\w)|(?<=`)[A-Za-z][\w-]{2,40}(?=`)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Names();
}
