using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// What answers say in the first person that they did, kind by kind, and the tools that can do such a thing, by any name. A further language or kind is
/// added in this file, and nowhere else.
/// </summary>
internal sealed partial class Claims
{
    private const string I =
        @"(?<!\b(?:once|after|if|when|until|before|that|what|which|whether|as soon as|unless|why|where|who)\s)\b(?:I|we)(?:['’]ve| have)?(?:\s+(?:now|already|just|also|successfully|then|gone ahead and|went ahead and))*\s+";

    // "I've moved the meeting and e-mailed the team": the second verb is one only where something follows that it is done to.
    private const string And =
        @"\b(?:I|we)(?:['’]ve| have)\s+\w+ed\b[^.!?\n;:]{0,160}?(?:\band|,)\s+(?:have\s+|also\s+|then\s+)*";

    private const string To = @"(?=\s+(?:the|a|an|your|my|our|their|his|her|it|them|him|everyone|all)\b|\s+\p{Lu}\p{Ll}|\s+[\w.+-]+@)";

    /// <summary>The kinds of deeds.</summary>
    public static IReadOnlyList<Claims> Kinds { get; } =
    [
        new(
            $@"{I}(?:e-?mailed|notified|messaged|texted|pinged|alerted|informed)(?!\s+(?:you|me|us)\b)\b|{And}(?:e-?mailed|notified|messaged|texted|pinged|alerted|informed){To}"
                + $@"|{I}(?:sent|forwarded)\s+(?:(?:you\s+)?(?:an?|the|your|out|her|him|them)\s+(?:[\w-]+\s+){{0,3}}?(?:e-?mails?|mails?|messages?|invit\w+|notifications?|reminders?|sms|newsletters?)\b|[^.!?\n]{{0,60}}?\bto\s+(?:the\s+(?:team|customer|client|manager|supplier|group|guests?|attendees|participants|parents|landlord|candidate)\b|[\w.+-]+@|\p{{Lu}}\p{{Ll}}+))"
                + $@"|{I}let\s+(?!you\b|me\b|us\b)[\w@. -]{{1,40}}\s+know\b"
                + @"|\bich habe\b[^.!?\n]{0,100}?\b(?:benachrichtigt|informiert|gemailt|(?:per|eine)\s+(?:e-?mail|mail|nachricht|sms)\b[^.!?\n]{0,40}\b(?:geschickt|gesendet|versendet|geschrieben))\b"
                + @"|\bj['’]ai\s+(?:bien\s+|aussi\s+|déjà\s+)*(?:prévenu|informé|notifié|envoyé\s+(?:un|une|le|la|l['’])\s*(?:e-?mail|mail|courriel|message|notification))"
                + @"|(?<!\bno\s)\bhe\s+(?:avisado|informado|notificado|enviado\s+(?:un|una|el|la)\s+(?:correo|e-?mail|mensaje|notificación))",
            @"send|sent|mail|messag|msg|notif|inform|post|slack|sms|text|invit|share|forward|repl[iy]|contact|alert|publish|webhook|chat|teams|dispatch|deliver|comment|submit|escalat|ticket|transfer|telegram|whatsapp|twilio|broadcast|announc|call|remind|communic|respond|schick|versend|benachricht|envo[iy]|envi|avis|courriel|correo",
            isNarrow: true),
        new(
            $@"{I}(?:booked|reserved|rebooked)\b|{And}(?:booked|reserved){To}|\bich habe\b[^.!?\n]{{0,100}}?\b(?:gebucht|reserviert)\b|\bj['’]ai\s+(?:bien\s+)?réservé|(?<!\bno\s)\bhe\s+reservado",
            @"book|reserv|appointment|event|hold|checkout|buch|réserv|purchase|buy|schedul|plan|table|seat|slot"),
        new(
            $@"{I}cancell?ed\b|{And}cancell?ed{To}|\bich habe\b[^.!?\n]{{0,100}}?\b(?:storniert|gekündigt|abgesagt)\b|\bj['’]ai\s+(?:bien\s+)?(?:annulé|résilié)|(?<!\bno\s)\bhe\s+(?:cancelado|anulado)",
            @"cancel|void|terminat|close|delet|remov|stop|end|unsubscrib|revok|withdraw|deactivat|storn|kuend|kündig|annul|anul|refund|return|exchange"),
        new(
            $@"{I}(?:refunded\b|issued\s+(?:a|the|your)\s+(?:\w+\s+){{0,2}}refund\b|processed\s+(?:a|the|your)\s+(?:\w+\s+){{0,2}}refund\b)|{And}refunded{To}|\bich habe\b[^.!?\n]{{0,100}}?\b(?:erstattet|rückerstattet)\b|\bj['’]ai\s+(?:bien\s+)?remboursé|(?<!\bno\s)\bhe\s+(?:reembolsado|devuelto)",
            @"refund|credit|return|reimburs|revers|chargeback|pay|cancel|erstatt|rembours|reembols|compensat|transfer|exchange"),
        new(
            $@"{I}(?:paid\b|transferred\s+(?:the\s+(?:money|amount|funds)|[$€£]?\d|[A-Z]{{3}}\s?\d))|\bich habe\b[^.!?\n]{{0,100}}?\b(?:überwiesen|bezahlt)\b|\bj['’]ai\s+(?:bien\s+)?(?:payé|viré)|(?<!\bno\s)\bhe\s+(?:pagado|transferido)",
            @"pay|transfer|charge|send|wire|remit|überweis|ueberweis|zahl|vir|transaction|settle|debit|purchase|buy|order"),
        new(
            $@"{I}(?:re)?scheduled\b|{And}(?:re)?scheduled{To}|\bich habe\b[^.!?\n]{{0,100}}?\b(?:terminiert|eingeplant)\b|\bj['’]ai\s+(?:bien\s+)?(?:planifié|programmé)|(?<!\bno\s)\bhe\s+programado",
            @"schedul|book|event|calendar|appointment|meeting|remind|plan|cron|timer|alarm|termin|move|shift|slot|job|task"),
        new(
            $@"{I}(?:ordered|purchased|bought)\b|{I}placed\s+(?:an?|the|your)\s+(?:\w+\s+){{0,2}}order\b|\bich habe\b[^.!?\n]{{0,100}}?\b(?:bestellt|gekauft)\b|\bj['’]ai\s+(?:bien\s+)?(?:commandé|acheté)|(?<!\bno\s)\bhe\s+(?:comprado|pedido)\b",
            @"order|buy|purchas|checkout|ped[ií]|solicit|request|demand|cart|bestell|kauf|command|achet|compr|pay|reserv|book|trade|sell|exchange"),
        new(
            $@"{I}(?:opened|created|filed|raised|submitted|logged)\s+(?:a|an|the|your)\s+(?:[\w-]+\s+){{0,2}}?(?:ticket|case|claim|complaint|incident)\b|\bich habe\b[^.!?\n]{{0,60}}?\b(?:ticket|fall)\b[^.!?\n]{{0,40}}\b(?:eröffnet|erstellt|angelegt)\b",
            @"ticket|case|issue|claim|complaint|incident|open|file|rais|submit|report|log|escalat|jira|zendesk|contact|handoff|transfer"),
    ];

    private readonly Regex _said;
    private readonly Regex _could;
    private readonly bool _isNarrow;

    private Claims(string said, string could, bool isNarrow = false)
    {
        const RegexOptions options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
        (_said, _could, _isNarrow) = (new Regex(said, options, TimeSpan.FromSeconds(1)), new Regex(could, options, TimeSpan.FromSeconds(1)), isNarrow);
    }

    /// <summary>What an answer claims of this kind, in its own sentence; or null.</summary>
    public string? In(string answer) => _said.Match(Quoted().Replace(answer, static quote => new string('·', quote.Length))) is { Success: true } match
        ? Sentences.In(answer).FirstOrDefault(sentence => sentence.Contains(answer.Substring(match.Index, match.Length), StringComparison.Ordinal) && !Earlier().IsMatch(sentence)) : null;

    /// <summary>Whether a call may have done it: by its name, its description, what it was given, or what it says that it did.</summary>
    public bool MayBeDoneBy(ToolStep call, string? description)
    {
        if (call.Commands.Count > 0)
        {
            return !CommandCall.OnlyLooks(call) && (!_isNarrow || Reaches().IsMatch(CommandCall.TextOf(call)!));
        }

        var words = ToolWords.Of(call.Tool);
        if (words.Contains("think") || (ToolWords.LooksUp(call.Tool) && !words.Any(Anything.Contains)))
        {
            return false;
        }

        // A name that tells nothing may do anything; one that says only that something is changed may do all but tell somebody of it.
        return _could.IsMatch(call.Tool) || (description is not null && _could.IsMatch(description)) || !ToolWords.Writes(call.Tool) || words.Any(Anything.Contains) || (!_isNarrow && words.Any(General.Contains))
            || new[] { call.Arguments, call.Result }.OfType<Payload>().Any(payload => _could.IsMatch(NotDone().Replace(payload.Text, "")));
    }

    private static readonly HashSet<string> Anything = new(StringComparer.Ordinal) { "execute", "run", "call", "request", "process", "perform", "api", "invoke", "action", "do", "workflow", "task", "tool", "function", "agent", "submit", "code", "http", "browser" };

    private static readonly HashSet<string> General = new(StringComparer.Ordinal)
    {
        "update", "modify", "change", "set", "create", "add", "manage", "handle", "put", "patch", "apply", "complete", "finalize", "confirm", "save", "insert", "edit", "write", "register", "place", "make", "issue", "switch", "replace",
    };

    // What others are quoted with is not claimed.
    [GeneratedRegex(@"“[^”\n]*”|„[^“\n]*“|«[^»\n]*»|""[^""\n]*""|^\s*>[^\n]*", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(?:yesterday|last (?:week|month|year|time|night)|earlier (?:this|today)|previously|gestern|letzte|hier|ayer)\b|\bago\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Earlier();

    [GeneratedRegex(@"mail|curl|wget|http|slack|smtp|\bgh\b|\bglab\b|api|webhook|python|node|notif|send|post|\./", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Reaches();

    // A member that says no, or nothing.
    [GeneratedRegex(@"""[^""]*""\s*:\s*(?:false|null|0|""(?:none|no|off|false)?"")(?=\s*[,}\]])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NotDone();
}
