using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// What a user had said not to do ("don't delete anything until I say yes", "don't send it yet") and a call did all the same, with no word of the user in
/// between that lets it.
/// </summary>
internal sealed partial class UserBanDetector : IDetector
{
    private const double Strength = 2.6;
    private const int MostText = 4_000;
    private static readonly Deed[] Deeds =
    [
        new(["delete", "remove", "erase", "drop", "wipe", "purge", "destroy"], "lösch|entfern", "supprim|effac", "borr|elimin", static call => Destruction.Of(call)?.Words),
        new(["cancel"], "stornier|absag", "annul", "canceles|anules", static call => Named(call, "cancel")),
        new(["send", "e-mail", "email", "mail", "forward"], "schick|versend", "envo[iy]", "env[ií]|mandes", static call => Named(call, "send", "email", "mail", "forward")),
        new(["publish", "post", "tweet"], "veröffentlich", "publie[rz]?", "publiques", static call => Named(call, "publish", "post", "tweet")),
        new(["push"], "push", "push", "push", static call => Command(call, "git push") ?? Named(call, "push")),
        new(["commit"], "commit", "commit", "commit", static call => Command(call, "git commit") ?? Named(call, "commit")),
        new(["merge"], "merge", "fusionn", "fusion", static call => Command(call, "git merge", "gh pr merge") ?? Named(call, "merge")),
        new(["deploy", "release", "roll out"], "ausroll", "dépl", "despleg", static call => Named(call, "deploy", "release")),
        new(["buy", "book", "order", "pay", "purchase", "reserve", "charge"], "kauf|buche|bestell|bezahl|reservier", "achet|réserv|payer|payez", "compres|reserves|pagues|pidas", static call => Named(call, "buy", "book", "order", "pay", "purchase", "reserve", "charge", "checkout")),
    ];

    private static readonly HashSet<string> Reading = new(StringComparer.Ordinal) { "history", "list", "status", "draft", "preview", "quote", "estimate", "check", "validate", "test" };

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);

        // Hardly a user forbids anything, and a run may have many calls.
        Deed[] banned = [.. Deeds.Where(deed => UserTurns.Texts(run).Any(text => text.Length <= MostText && Sentences.In(text).Any(deed.Ban.IsMatch)))];
        foreach (var call in banned.Length == 0 ? [] : run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false }))
        {
            foreach (var deed in banned)
            {
                if (deed.Done(call) is { } words && BanOn(run, call, deed) is { } ban && !IsOwn(run, call, words))
                {
                    return [Describe(call, words, ban.Text, ban.Words)];
                }
            }
        }

        return [];
    }

    // The last word counts: a ban that was lifted, or a wish that the same be done elsewhere, leaves nothing that is sure.
    private static (Passage Text, string Words)? BanOn(AgentRun run, ToolStep call, Deed deed)
    {
        (Passage Text, string Words)? found = null;
        var given = call.Arguments?.Text ?? "";
        foreach (var text in UserTurns.Before(run, call))
        {
            if (text.Text.Length > MostText)
            {
                return null;
            }

            string? ban = null;
            foreach (var sentence in Sentences.In(text.Text))
            {
                if (deed.Ban.Match(sentence) is { Success: true } match && Holds(deed, sentence, match, given))
                {
                    ban = sentence;
                }
                else if (deed.Wish.IsMatch(sentence) && !deed.AnyBan.IsMatch(sentence) && !sentence.EndsWith('?'))
                {
                    return null;
                }
            }

            found = ban is not null ? (text, ban) : found is not null && (Lifts(text.Text, given) || (Provisional().IsMatch(found.Value.Words) && !Objects().IsMatch(text.Text))) ? null : found;
        }

        return found;
    }

    // A ban on everything, or on what the call names; any other holds for something of which nobody knows here whether the call is about it.
    private static bool Holds(Deed deed, string sentence, Match match, string given)
    {
        var rest = sentence[(match.Index + match.Length)..];
        if (Exempts().IsMatch(rest) || Timed().IsMatch(rest) || deed.Wish.IsMatch(sentence[..match.Index]))
        {
            return false;
        }

        var names = Literal().Matches(rest).Select(static name => name.Value.Trim('`', '"', '\'', '.', ',')).Where(static name => name.Length > 2).ToList();
        return names.Count > 0 ? names.Exists(name => Regex.IsMatch(given, $@"{Regex.Escape(name)}(?![\w-]|\.\w)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) : match.Groups["all"].Success && Until().IsMatch(rest);
    }

    private static bool Lifts(string text, string given) => RuleWords.SaysYes(text) || Word().Matches(text).Any(word => given.Contains(word.Value, StringComparison.OrdinalIgnoreCase)) || Choice().IsMatch(text);

    // What the run itself had made may go again: a file that it wrote, a folder of its own, what lies under /tmp.
    private static bool IsOwn(AgentRun run, ToolStep call, string words)
    {
        if (Destruction.Of(call) is not { IsOfFiles: true })
        {
            return false;
        }

        var targets = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Skip(1).Where(static word => word[0] != '-').Select(static word => word.Trim('\'', '"').TrimEnd('/')).Where(static word => word.Length > 0).ToList();
        return targets.Count > 0 && targets.TrueForAll(target => target.StartsWith("/tmp/", StringComparison.Ordinal) || run.Tools.Any(earlier => earlier.Number < call.Number && earlier.Failure is null
            && earlier.Arguments is { } arguments && arguments.Text.Contains(target[(target.LastIndexOf('/') + 1)..], StringComparison.Ordinal) && Makes(earlier)));
    }

    private static bool Makes(ToolStep earlier) => CommandCall.TextOf(earlier) is { } text ? Making().IsMatch(text) : ToolWords.Writes(earlier.Tool);

    private static string? Named(ToolStep call, params ReadOnlySpan<string> verbs)
    {
        var words = ToolWords.Of(call.Tool);
        return call.Commands.Count == 0 && ToolWords.Writes(call.Tool) && words.Any(verbs.ToArray().Contains) && !words.Any(Reading.Contains) ? call.Tool : null;
    }

    private static string? Command(ToolStep call, params ReadOnlySpan<string> commands)
    {
        var known = commands.ToArray();
        return call.Arguments is { } given && !given.Text.Contains("--dry-run", StringComparison.Ordinal) ? call.Commands.FirstOrDefault(known.Contains) : null;
    }

    private static Finding Describe(ToolStep call, string words, Passage user, string ban)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        var did = words == call.Tool ? "" : $" ({StepFindings.Quote(words, 100)})";
        return StepFindings.At(
            asker, "user_ban", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)}{did} although the user had said {StepFindings.Quote(ban)}, and nothing that the user said after it lets it.",
            [
                call.Arguments?.Say($"{StepFindings.Say(call)} was given this.", "", words == call.Tool ? null : words) ?? new Fact(call.Node.SpanId, $"{StepFindings.Say(call)} was called{Words.At(call.Node.StartNs)}.", "/start_ts"),
                user.Say("What the user had said.", StepFindings.Head(ban)),
            ],
            $"Have such calls of {StepFindings.Say(call)} wait for a person's word, instead of leaving it to the model to remember the user's.", "user_ban", explains: [call]);
    }

    /// <summary>Something that may be forbidden, in the words of users, and how a call does it.</summary>
    private sealed class Deed
    {
        private static readonly string[] Nouns = ["mail", "email", "e-mail", "order", "post", "book", "release", "charge", "reserve", "purchase"];

        private const string All =
            @"(?:anything|anyone|any of (?:it|them|these|those)|any (?:files?|data|rows?|records?|code|orders?|bookings?|e-?mails?|messages?|resources?|tables?|users?|invoices?|tickets?)|it|them|this|that|these|those)?";

        public Deed(string[] english, string german, string french, string spanish, Func<ToolStep, string?> done)
        {
            var verbs = string.Join('|', english.Select(Regex.Escape));
            const RegexOptions options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
            var time = TimeSpan.FromSeconds(1);
            Done = done;
            Ban = new Regex(
                $@"(?:^|[.!?;:,(–—-]\s*|\b(?:and|but|please|so|just|or|then|make sure(?: you)?(?: to)?|be careful to)\s+)(?:please\s+|you\s+(?=must|may|should))?(?:do not|don['’]?t|never|must not|mustn['’]t|may not|should not)\s+(?:ever\s+|actually\s+|yet\s+|just\s+|(?:\w+ or )(?=(?:{verbs})\b))?(?:{verbs})(?!\w)\s*(?<all>{All}(?=\s|[.,;:!)]|$))"
                + $@"|(?:\bnichts|\bnoch nicht)\s+(?:{german})\w*(?<all>)|\b(?:{german})\w*\s+(?:Sie\s+)?(?:bitte\s+)?(?:noch\s+)?nichts?(?<all>)|\bne\s+rien\s+(?:{french})\w*(?<all>)|\bn[e'’]\s*(?:{french})\w*\s+(?:encore\s+)?(?:rien|pas)(?<all>)|\bno\s+(?:me\s+)?(?:{spanish})\w*\s+(?:todavía|nada|aún)(?<all>)|\bno\s+l[oae]s?\s+(?:{spanish})\w*(?<all>)",
                options, time);
            AnyBan = new Regex($@"(?:\bnot|n['’]?t|\bnever|\bwithout|\bno|\bbefore|\bnicht|\bnichts|\bne|\bn['’]|\brien|\bsin|\bsans|\bohne)\s+(?:\w+\s+){{0,3}}?(?:{verbs}|{german}|{french}|{spanish})|(?:{german})\w*\s+(?:\w+\s+)?nichts?\b", options, time);

            // An e-mail or an order may be spoken of without asking for one.
            var plain = string.Join('|', english.Where(static verb => Array.IndexOf(Nouns, verb) < 0).Select(Regex.Escape));
            Wish = new Regex($@"(?:^\W*|\b(?:please|and|then|to|you)\s+)(?:{verbs})(?!\w){(plain.Length > 0 ? $@"|(?<![\w-])(?:{plain})(?!\w)" : "")}|\b(?:{german}|{french}|{spanish})\w*", options, time);
        }

        public Func<ToolStep, string?> Done { get; }

        /// <summary>Words that forbid it; the group <c>all</c> stands where they forbid it in general.</summary>
        public Regex Ban { get; }

        /// <summary>Any sentence in which it is denied.</summary>
        public Regex AnyBan { get; }

        /// <summary>Words that ask for it.</summary>
        public Regex Wish { get; }
    }

    [GeneratedRegex(@"\b(?:except|other than|apart from|besides|but (?:the|only|for)|else|if|unless (?!I\b|we\b|you\b)|twice|again|außer|sofern|wenn|sauf|excepto|salvo|si)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Exempts();

    // It ends with the next word of the user, who has seen meanwhile what is to be done, unless that word is a doubt.
    [GeneratedRegex(@"\b(?:yet|first|until|till|before|noch|erst|bevor|ehe|encore|d['’]abord|avant|todavía|aún|antes|hasta|primero)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Provisional();

    [GeneratedRegex(@"\?|\b(?:no|not|n['’]t|never|wait|stop|hold|keep|leave|nein|nicht|kein\w*|warte|non|pas|ne|attends|garde|no|espera|não)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Objects();

    // Until a day or an event, of which nobody knows here whether it has come, or for which the call itself was planned.
    [GeneratedRegex(@"\b(?:before|until|till|bis|avant|antes del?|hasta)\s+(?!(?:I|we|you|my|our|it|they|he|she|the (?:user|customer|client)|ich|wir|du|sie|je|nous|mon|notre|que|yo|mi|nos)\b|(?:I|we|you|j|qu)['’])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Timed();

    // What may stand behind it without narrowing it: the end, until when it holds, and what else is wished.
    [GeneratedRegex(@"\A\s*(?:\z|[.,;:!)–—-]|(?:yet|please|here|at all|for now|now|so far|myself|and|or|but|just|before|until|till|without|unless (?:I|we|you)|bevor|ehe|bis|ohne|und|bitte|avant|jusqu|tant que|sans|et|mais|antes|hasta|sin|y|pero|por favor)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Until();

    [GeneratedRegex(@"`[^`\n]{2,80}`|(?<![\w.])(?:~?/[\w.-]+(?:/[\w.-]+)*|[\w-]+\.(?:\w{1,5})\b|[A-Z]{1,5}-?\d{2,}[\w-]*|\w+_\w+|[\w.+-]+@[\w-]+\.[\w.]+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b(?:the (?:first|second|third|last|old|older|oldest|others?)|all of|both|number \d|option \w|no longer need|don['’]t need|not needed)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Choice();

    [GeneratedRegex(@"(?<![\w./-])[\w./-]{4,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@">|\b(?:touch|mkdir|cp|mv|tar|mktemp|tee|git (?:clone|worktree|init)|curl|wget|unzip|npm|python\d?|make|cargo|dotnet|go)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Making();
}
