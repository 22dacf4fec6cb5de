using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A rule that one tool comes before others.</summary>
/// <param name="First">The tools of which one comes first.</param>
/// <param name="Then">The tools that come after it.</param>
/// <param name="Quote">The rule's own words.</param>
internal sealed record OrderRule(IReadOnlyList<string> First, IReadOnlyList<string> Then, string Quote)
{
    /// <summary>The amount from which on it holds, or null.</summary>
    public AmountLimit? Limit { get; init; }
}

/// <summary>
/// Reads rules that name the tool that comes first, whether or not the definitions of the tools were recorded and the later one is named: "before you
/// read out account data you must verify the caller with verify_identity", "refunds above 200 USD need approval: call request_approval first".
/// </summary>
internal static partial class OrderRules
{
    private static readonly HashSet<string> Everything = new(StringComparer.Ordinal) { "updat", "chang", "modify", "execut", "writ", "edit", "submit", "commit", "apply", "sav", "act", "action", "anyth" };
    private static readonly HashSet<string> Tells = new(StringComparer.Ordinal) { "read", "shar", "show", "tell", "disclos", "reveal", "access", "discus", "look", "view", "giv", "retriev", "provid", "fetch", "get", "display", "open", "answer" };

    /// <summary>The rules of a text.</summary>
    /// <param name="text">Instructions.</param>
    /// <param name="called">The tools that the run called, in their order.</param>
    public static IEnumerable<OrderRule> In(string text, IReadOnlyList<string> called)
    {
        foreach (var sentence in Sentences.In(text))
        {
            if (!RuleWords.IsOptional(sentence) && Of(sentence, called) is { } rule)
            {
                yield return rule with { Limit = AmountLimit.In(sentence) };
            }
        }
    }

    private static OrderRule? Of(string sentence, IReadOnlyList<string> called)
    {
        var named = Named(sentence, called);
        if (named.Count == 0)
        {
            return null;
        }

        if (FirstOfAll().Match(sentence) is { Success: true } all && named.Find(tool => tool.Name == all.Groups["tool"].Value).Name is { } start)
        {
            return new OrderRule([start], [.. called.Where(tool => tool != start)], sentence);
        }

        if (Before().Match(sentence) is { Success: true } before)
        {
            return OfBefore(sentence, before, named, called);
        }

        // "X needs approval: call A" and "X needs approval; A comes first": what X is, its words say.
        if (Needs().Match(sentence) is { Success: true } needs && named.Find(tool => tool.Index > needs.Index).Name is { } approves && Demanded(sentence, approves))
        {
            var others = named.FindAll(tool => tool.Name != approves).ConvertAll(static tool => tool.Name);
            var subject = sentence[..needs.Index];
            return Rule([approves], others.Count > 0 ? others : Concerned(subject[(subject.LastIndexOfAny([':', ';']) + 1)..], called, approves, AmountLimit.In(sentence) is not null), sentence);
        }

        return null;
    }

    private static OrderRule? OfBefore(string sentence, Match before, List<(string Name, int Index)> named, IReadOnlyList<string> called)
    {
        var (one, other) = (named.FindAll(tool => tool.Index < before.Index), named.FindAll(tool => tool.Index > before.Index));
        if (one.Count > 0 && other.Count > 0)
        {
            // The tool nearest to the word is the one that it is about: "read with get_order, then call check before refund".
            return Rule([one[^1].Name], [other[0].Name], sentence);
        }

        if (other.Count > 1)
        {
            return Clause(sentence, before) is { } clause && other.FindAll(tool => tool.Index < before.Index + clause.Length + before.Length) is { Count: > 0 } late && other.Find(tool => tool.Index > late[^1].Index).Name is { } early && Demanded(sentence, early)
                ? Rule([early], late.ConvertAll(static tool => tool.Name), sentence) : null;
        }

        // Only the tool that comes first is named: what comes after it is told by the words behind "before".
        var only = one.Count == 1 ? one[0] : other is [var single] ? single : default;
        if (only.Name is null || !Demanded(sentence, only.Name) || Clause(sentence, before) is not { } words || RuleWords.IndexOf(words, only.Name) >= 0)
        {
            return null;
        }

        return Rule([only.Name], Concerned(words, called, only.Name), sentence);
    }

    private static OrderRule? Rule(List<string> first, List<string> then, string sentence) => then.Count == 0 || then.Contains(first[0]) ? null : new OrderRule(first, then, sentence);

    // From the word to the end of its clause; a clause ends where what must be done begins.
    private static string? Clause(string sentence, Match before)
    {
        var rest = sentence[(before.Index + before.Length)..];
        return ClauseEnd().Match(rest) is { Success: true } end ? rest[..end.Index] : rest;
    }

    // Whether the sentence asks for the call: names are also told of without being asked for.
    private static bool Demanded(string sentence, string tool)
    {
        var at = RuleWords.IndexOf(sentence, tool);
        return Asks().IsMatch(sentence[..at]) || Must().IsMatch(sentence[(at + tool.Length)..]);
    }

    // The called tools that do, or tell of, what the words say. Where an amount is asked about as well, what it is an amount of is enough.
    private static List<string> Concerned(string words, IReadOnlyList<string> called, string first, bool isNounEnough = false)
    {
        var stems = Word().Matches(words).Select(static match => RuleWords.Stem(match.Value.ToLowerInvariant())).ToHashSet(StringComparer.Ordinal);
        var (tells, isGeneral) = (stems.Overlaps(Tells), stems.Overlaps(Everything));
        return
        [
            .. called.Where(tool =>
            {
                var own = ToolWords.Of(tool).Select(RuleWords.Stem).ToList();
                var isAbout = ToolWords.Subjects(tool).Select(RuleWords.Stem).Any(stems.Contains);
                return tool != first && (ToolWords.Writes(tool)
                    ? own.Exists(word => ToolWords.IsWritingStem(word) && stems.Contains(word)) || (isNounEnough && isAbout) || (isGeneral && (isAbout || AnyChange().IsMatch(words)))
                    : tells && isAbout && !Seeks().IsMatch(tool));
            }),
        ];
    }

    // The tools that a sentence names, where they first stand: by a name that is no word, or after a word such as "call".
    private static List<(string Name, int Index)> Named(string sentence, IReadOnlyList<string> called) =>
    [
        .. RuleWords.Names(sentence).Concat(called.Where(tool => !RuleWords.IsName(tool) && IsCalledIn(sentence, tool)))
            .Distinct(StringComparer.Ordinal).Select(tool => (tool, RuleWords.IndexOf(sentence, tool))).Where(static pair => pair.Item2 >= 0).OrderBy(static pair => pair.Item2),
    ];

    private static bool IsCalledIn(string sentence, string tool) => RuleWords.IndexOf(sentence, tool) is >= 0 and var at && Calls().IsMatch(sentence[..at]);

    [GeneratedRegex(@"\b(?:before|prior to|bevor|ehe|avant(?: de)?|antes de(?: que)?)(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Before();

    [GeneratedRegex(@"[,;:]|\s(?=(?:you|the (?:agent|assistant))\s+(?:must|have to|need to|should|shall|are required)\b)|\s(?=(?:always|first)\s+\w+\s)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ClauseEnd();

    [GeneratedRegex(@"\b(?:needs?|requires?|must have|must get|subject to|braucht|brauchen|erforder[nt]|benötigen|benötigt|nécessite(?:nt)?|exige(?:nt)?|requieren?|necesitan?)\s+(?!no\b)(?:\w+[\s-]+){0,3}?(?:approvals?|authori[sz]ation|confirmation|sign-off|consent|verification|check|review|genehmigung|freigabe|zustimmung|approbation|autorisation|validation|aprobación|autorización)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Needs();

    [GeneratedRegex(@"\b(?:must|always|have to|need to|shall|required|call|use|run|invoke|with|via|through|first|musst|müssen|immer|rufe?|verwende|mit|toujours|devez|dois|appelle[rz]?|utilise[rz]?|avec|siempre|debes?|llama[r]?|usa[r]?|con)\b[^.]*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asks();

    [GeneratedRegex(@"\A[`'""”*]{0,3}\s*(?:must|has to|have to|needs to|is required|comes first|first)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Must();

    [GeneratedRegex(@"(?:\b(?:call|calling|use|using|run|running|invoke|before|after|tool|function|via)\s+[`'""“*]{0,3}|[`“""])\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Calls();

    // Nothing but the order itself: "call A first" may be meant for one kind of request where more is said.
    [GeneratedRegex(
        @"\A\W*(?:(?:you (?:must|should|have to)|please|always|in (?:each|every) conversation,?)\s+)*(?:call|use|run|invoke|start (?:with|by calling)|begin (?:with|by calling))\s+[`'""“*]{0,3}(?<tool>[\w.-]+?)[`'""”*]{0,3}\s+(?:first|before (?:any other (?:tools?|calls?|actions?)|all other tools?|anything else|doing anything(?: else)?|you do anything(?: else)?|everything else))\W*\z"
        + @"|\A\W*(?:the )?(?:tool |function )?[`'""“*]{0,3}(?<tool>[\w.-]+?)[`'""”*]{0,3} (?:must|has to|needs to) (?:always )?be (?:called|used|run|invoked) (?:first|before (?:any other (?:tools?|calls?|actions?)|all other tools?|anything else|everything else))\W*\z"
        + @"|\A\W*(?:before (?:any other (?:tools?|calls?|actions?)|(?:you )?(?:do|doing) anything(?: else)?|anything else),?\s+)(?:you must |always |please )*(?:call|use|run|invoke)\s+[`'""“*]{0,3}(?<tool>[\w.-]+?)[`'""”*]{0,3}\W*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FirstOfAll();

    [GeneratedRegex(@"\bany(?:thing)?\b[^.]{0,20}\b(?:changes?|actions?|updates?|anything)\b|\b(?:chang|modify|updat)\w*\s+(?:anything|something)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AnyChange();

    // Who must be found before it can be verified is looked for.
    [GeneratedRegex(@"^(?:find|search|lookup|look_up|list|check|verify|validate)(?:[_-]|[A-Z])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Seeks();

    [GeneratedRegex(@"\p{L}{3,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    /// <summary>What a tool that was to come first answered when it did not let the work pass: a state such as <c>"status": "pending"</c>; or null.</summary>
    public static string? Denial(ToolStep call) => call.Result is { Value.ValueKind: JsonValueKind.Object or JsonValueKind.String } result && Denied().Match(result.Text) is { Success: true } match ? match.Value : null;

    [GeneratedRegex(@"""(?:status|state|decision|outcome|approval)""\s*:\s*""(?:pending|denied|rejected|declined|failed|unverified|not_?verified|refused|expired|waiting|requested|submitted)\w*""|""(?:is_?)?(?:approved|verified|authenticated|authori[sz]ed|confirmed|match(?:es|ed)?)""\s*:\s*false", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Denied();
}
