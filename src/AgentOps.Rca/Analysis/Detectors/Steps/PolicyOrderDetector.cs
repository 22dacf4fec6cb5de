using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Instructions that name an order which the steps break: the system text asks for the user's confirmation before something is changed, and a
/// writing tool was called when the user had confirmed nothing.
/// </summary>
internal sealed partial class PolicyOrderDetector : IDetector
{
    private const double Strength = 2.0;
    private const double Hint = 0.5;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var (rule, match, text) = run.Instructions.Select(static text => (Text: text, Match: RuleIn(text.Text, out var read), Read: read)).FirstOrDefault(static pair => pair.Match.Success);
        if (rule is null)
        {
            return [];
        }

        var limit = MethodVersion.IsBefore(5) ? null : AmountLimit.In(Sentences.Unmasked(SentenceAround(text, match)));
        string? said = null;
        Passage? last = null;
        var confirmed = false;
        List<Finding> findings = [];
        // The approval of somebody else is not for the user to give, and not seen in what the user says.
        if (!MethodVersion.IsBefore(5) && OfOthers().IsMatch(match.Value))
        {
            return [];
        }

        foreach (var model in run.Models)
        {
            foreach (var message in model.Input.Where(message => message.Role == "user" && message.Texts.Count > 0))
            {
                last = message.Texts[^1];
                confirmed |= Yes().IsMatch(last.Text) || (!MethodVersion.IsBefore(5) && RuleWords.SaysYes(last.Text));
            }

            foreach (var call in model.Asked.Where(call => call is { Failure: null, IsHandoff: false } && ToolWords.Writes(call.Tool) && IsAbout(text, match, call.Tool)))
            {
                if (last is not null && !confirmed && findings.Count == 0 && (MethodVersion.IsBefore(5) || ((limit is null || limit.IsReachedBy(call) == true) && !IsApproved(run, call))))
                {
                    // Where the agent had spoken of it before, the user's answer may have been meant as a confirmation.
                    findings.Add(Describe(model, call, rule, match, last, said is null));
                }
            }

            confirmed &= !model.Asked.Any(call => call.Failure is null && ToolWords.Writes(call.Tool));
            said = model.Said.LastOrDefault()?.Text ?? said;
        }

        return findings;
    }

    // A rule that names what it is about ("before you delete anything") is not about other changes.
    private static bool IsAbout(string text, Match rule, string tool)
    {
        var named = ToolWords.Of(SentenceAround(text, rule)).Select(RuleWords.Stem).Where(ToolWords.IsWritingStem).ToHashSet(StringComparer.Ordinal);
        return named.Count == 0 || named.Overlaps(General) || ToolWords.Of(tool).Select(RuleWords.Stem).Any(named.Contains);
    }

    private static string SentenceAround(string text, Match rule)
    {
        var (from, to) = (text.LastIndexOfAny(['.', '\n'], Math.Max(0, rule.Index - 1)) + 1, text.IndexOfAny(['.', '\n'], rule.Index + rule.Length));
        return text[from..(to < 0 ? text.Length : to)];
    }

    // The first rule that leaves it to words to confirm; one that names the tool which approves is of the order of tools.
    private static Match RuleIn(string text, out string read)
    {
        read = text;
        if (MethodVersion.IsBefore(5))
        {
            return Rule().Match(text);
        }

        read = Sentences.Masked(text);
        var masked = read;
        return Rule().Matches(masked).FirstOrDefault(match => !NotNeeded().IsMatch(match.Value) && !ByTool().Matches(SentenceAround(masked, match)).Any(static named => named.Groups["quote"].Length > 0 || RuleWords.IsName(named.Groups["name"].Value))) ?? Match.Empty;
    }

    // A tool may be how somebody approves, also where the rule names none.
    private static bool IsApproved(AgentRun run, ToolStep call) =>
        (call.Arguments is { } given && Approval().IsMatch(given.Text))
        || run.Tools.Any(earlier => earlier.Number < call.Number && earlier.Failure is null && (Approves(earlier.Tool) ? OrderRules.Denial(earlier) is null : earlier.Result is { } result && Granted().IsMatch(result.Text)));

    private static bool Approves(string tool) => ToolWords.Of(tool).Any(static word => word.StartsWith("approv", StringComparison.Ordinal) || word.StartsWith("confirm", StringComparison.Ordinal) || word.StartsWith("authori", StringComparison.Ordinal) || word is "consent" or "permission");

    private static readonly HashSet<string> General = new(StringComparer.Ordinal) { "updat", "chang", "modify", "execut", "writ", "edit", "submit", "commit", "apply", "sav" };

    private static Finding Describe(ModelStep model, ToolStep call, Passage rule, Match match, Passage last, bool isPlain)
    {
        // In the rule's own words: who asks for an approval does not say that it is the user's.
        var words = MethodVersion.IsBefore(5) ? match.Value : rule.Text.Substring(match.Index, match.Length);
        var isAnyones = !MethodVersion.IsBefore(5) && words.Contains("approv", StringComparison.OrdinalIgnoreCase) && !OfUser().IsMatch(words);
        return StepFindings.At(
            model, "policy_order", "policy_violation", isPlain ? Proof.Provenance : Proof.Hint, isPlain ? Strength : Hint,
            $"{StepFindings.Say(model)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} without {(isAnyones ? "the approval" : "the user's confirmation")}, which its instructions ask for ({StepFindings.Quote(words)}); the user had last said {StepFindings.Quote(last.Text, 120)}.",
            [
                call.Call?.Place.Say($"{StepFindings.Say(model)} asks for {StepFindings.Say(call)}.") ?? new Fact(model.Node.SpanId, $"{StepFindings.Say(model)} asks for {StepFindings.Say(call)}.", "/tool"),
                rule.Say("The instruction.", words),
                last.Say("What the user had last said."),
            ],
            $"Have {StepFindings.Say(call)} refuse to run until {(isAnyones ? "it has been approved" : "the user has confirmed")}, instead of leaving it to the model.", "confirmation", explains: [call]);
    }

    [GeneratedRegex(@"[^.\n]{0,120}\b(?:explicit(?:ly)?|obtain|ask for|get|require|need)\b[^.\n]{0,80}\b(?:confirm(?:ation|s|ed)?|consent|approval)\b[^.\n]{0,120}|\b(?:until|unless|before)\b[^.\n]{0,40}\b(?:user|customer|caller|client|guest|they|he or she)\b[^.\n]{0,20}\b(?:has|have|is|gives?|says?)?\s*(?:explicitly )?(?:approv|confirm|agree|consent)\w*[^.\n]{0,80}|\bconfirm\b[^.\n]{0,60}\b(?:with the user|before)\b[^.\n]{0,80}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\b(?:manager|supervisor|admin(?:istrator)?|director|compliance|reviewer|approver|committee|second person)(?:['’]s)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OfOthers();

    [GeneratedRegex(@"\b(?:yes|yeah|yep|yup|sure|ok(?:ay)?|confirm(?:ed)?|correct|proceed|go ahead|please do|do it|sounds (?:good|great|perfect|right)|that(?:['’]s| is) (?:right|correct|fine|good|great|perfect)|agree(?:d)?|approve(?:d)?|absolutely|definitely|perfect|great|exactly|let['’]?s (?:do|go|proceed|finalize)|works for me|fine with me)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Yes();

    [GeneratedRegex(@"\b(?:needs?|requires?) no\b|(?:\bnot|n['’]t) (?:\w+ )?(?:need|require|ask)|\bwithout (?:needing|asking|requiring)\b|\bno (?:confirmation|approval|consent)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NotNeeded();

    [GeneratedRegex(@"(?<!\bbefore\s(?:you\s)?)\b(?:call|calling|use|using|via|through|with|invoke|run|by)\s+(?<quote>[`'""“*]{0,3})(?<name>[\w-]*(?:approv|confirm|authori[sz]|consent|permission|verif)[\w-]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ByTool();

    [GeneratedRegex(@"""(?:approval|authori[sz]ation|confirmation)_?(?:id|code|token|ref|number)""\s*:\s*(?:""[^""]+""|\d+)|""(?:approved_by|authori[sz]ed_by)""\s*:\s*""[^""]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Approval();

    [GeneratedRegex(@"""(?:status|state|decision|outcome|approval)""\s*:\s*""(?:approved|granted|authori[sz]ed)""|""approved""\s*:\s*true", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Granted();

    [GeneratedRegex(@"\b(?:user|customer|caller|client|guest|patient|passenger|member|they|them|he or she)(?:['’]s)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OfUser();
}
