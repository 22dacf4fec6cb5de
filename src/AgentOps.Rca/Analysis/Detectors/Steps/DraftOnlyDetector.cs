using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Something that was sent or published where the user had asked for a draft of it only, and had said no word of sending.</summary>
internal sealed partial class DraftOnlyDetector : IDetector
{
    private const double Strength = 2.5;
    private const int MostText = 4_000;
    private static readonly string[] Sending = ["send", "publish", "post", "submit", "forward", "tweet", "mail", "email", "reply", "envia", "enviar", "envoyer", "envoie", "senden", "sende", "invia", "inviare", "manda", "verstuur", "stuur", "publica", "publicar", "publier"];
    private static readonly string[] Drafting = ["draft", "preview", "test", "template", "entwurf", "brouillon", "borrador", "bozza", "rascunho", "concept", "queue", "internal"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => IsSending(call)))
        {
            var said = Changes.SaidBefore(run, call);
            if (said.Exists(static text => text.Text.Length > MostText))
            {
                continue;
            }

            var at = said.FindLastIndex(static text => Drafts().IsMatch(text.Text));
            if (at >= 0 && !said.Exists(static text => Wishes(text.Text)) && at == said.Count - 1)
            {
                return [Describe(run, call, said[at], Drafts().Match(said[at].Text).Value.Trim())];
            }
        }

        return [];
    }

    private static bool IsSending(ToolStep call) => ToolWords.Of(call.Tool) is [var first, ..] words && (Array.IndexOf(Sending, first) >= 0 || words.Any(static word => word is "send" or "publish")) && !words.Any(static word => Array.IndexOf(Drafting, word) >= 0) && !Changes.Reads(call.Tool)
        && (words.Any(static word => word is "publish" or "post" or "tweet" or "publica" or "publicar" or "publier") || Addressed().IsMatch(call.Arguments!.Text)) && !Unsent().IsMatch(call.Arguments!.Text);

    // A sentence that speaks of sending without denying it or putting it off.
    private static bool Wishes(string text) => Sentences.In(text).Any(static sentence => Send().IsMatch(sentence) && !Later().IsMatch(sentence));

    private static Finding Describe(AgentRun run, ToolStep call, Passage user, string words) => StepFindings.At(
        call.Asker!, "draft_only", "policy_violation", Proof.Provenance, Strength,
        $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} although the user had asked for a draft ({StepFindings.Quote(words, 80)}) and had said no word of sending it.",
        [
            call.Call?.Place.Say($"{StepFindings.Say(call.Asker!)} asks for {StepFindings.Say(call)}.") ?? new Fact(call.Node.SpanId, $"{StepFindings.Say(call)} was called{Words.At(call.Node.StartNs)}.", "/start_ts"),
            user.Say("What the user had said.", words),
        ],
        $"Have {StepFindings.Say(call)} wait for a person's word.", "draft_only", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);

    // To somebody else than the one who asked.
    [GeneratedRegex(@"""(?:to|cc|recipients?|email|e_?mail|address|subject|channel|chat_id|phone|an|empfaenger|destinataires?|destinatari[oa]s?|para|a|aan)""\s*:\s*(?!""(?:user|me)"")", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Addressed();

    [GeneratedRegex(@"""(?:draft|dry_?run|preview|is_draft|save_as_draft)""\s*:\s*true|""(?:status|state|mode|type)""\s*:\s*""(?:draft|preview)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unsent();

    [GeneratedRegex(
        @"\b(?:(?:write|prepare|make|create|compose|put together|save|leave|do|give me|keep)\s+(?:it\s+|this\s+|that\s+|me\s+|us\s+|up\s+)?(?:as\s+)?(?:a|the|just a|only a)\s+(?:first |short |quick |polite )?draft|drafts? only|only (?:a )?drafts?|just (?:a )?drafts?|draft (?:me |us )?(?:a|an|the|my|our)\s+(?:\w+\s+){0,3}?(?:reply|response|answer|e-?mail|mail|message|letter|post|tweet|announcement|newsletter|note|release))\b"
        + @"|\b(?:als Entwurf|(?:einen|nur einen|nur als) Entwurf|nur (?:ein )?Entwurf|un brouillon|en brouillon|juste un brouillon|un borrador|como borrador|solo (?:un )?borrador|una bozza|come bozza|solo (?:una )?bozza|um rascunho|como rascunho|só (?:um )?rascunho|een concept(?:versie|mail)?|als concept|alleen een concept|et utkast|som utkast|ett utkast)\b|下書き|草稿",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Drafts();

    [GeneratedRegex(@"\b(?:send|sends|sending|mail it|e-?mail it|forward|publish|post it|post the|submit|share|deliver|schick\w*|send\w*|sende\w*|verschick\w*|versende\w*|veröffentlich\w*|envo[iy]\w*|publie[rz]?|transmet\w*|env[ií]\w*|mánda\w*|manda\w*|publica\w*|invia\w*|spedi\w*|verstuur\w*|stuur\w*|verzend\w*)\b|\b(?:get|put|bring|let) (?:it|this|that|them) (?:go )?out\b|\b(?:out|off|over) to\b|\bgo(?:es)? live\b|\braus\b|送信|送って|发送|發送|寄", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Send();

    [GeneratedRegex(@"\b(?:not|never|n['’]t|before|first|until|once|myself|i['’]ll|i will|i want to|later|nicht|kein\w*|noch|erst|bevor|selbst|später|ich (?:will|möchte)|pas|avant|d['’]abord|moi-même|no|antes|primero|todavía|yo mism[oa]|non|prima|ancora|não|ainda|eu mesm[oa]|niet|eerst|voordat|zelf)\b|n['’]t\b|まだ|前に", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Later();
}
