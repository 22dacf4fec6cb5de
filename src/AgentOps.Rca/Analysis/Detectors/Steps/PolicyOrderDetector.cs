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
        var (rule, match) = run.Instructions.Select(text => (Text: text, Match: Rule().Match(text.Text))).FirstOrDefault(pair => pair.Match.Success);
        if (rule is null)
        {
            return [];
        }

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
                confirmed |= Yes().IsMatch(last.Text);
            }

            foreach (var call in model.Asked.Where(call => call is { Failure: null, IsHandoff: false } && ToolWords.Writes(call.Tool) && IsAbout(rule.Text, match, call.Tool)))
            {
                if (last is not null && !confirmed && findings.Count == 0)
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
        var (from, to) = (text.LastIndexOfAny(['.', '\n'], Math.Max(0, rule.Index - 1)) + 1, text.IndexOfAny(['.', '\n'], rule.Index + rule.Length));
        var named = ToolWords.Of(text[from..(to < 0 ? text.Length : to)]).Select(Stem).Where(ToolWords.IsWritingStem).ToHashSet(StringComparer.Ordinal);
        return named.Count == 0 || named.Overlaps(General) || ToolWords.Of(tool).Select(Stem).Any(named.Contains);
    }

    private static string Stem(string word)
    {
        var stem = word.EndsWith("ing", StringComparison.Ordinal) ? word[..^3] : word.EndsWith("ed", StringComparison.Ordinal) ? word[..^2] : word;
        return stem.Length > 4 && stem[^1] == stem[^2] ? stem[..^1] : stem.TrimEnd('e', 's');
    }

    private static readonly HashSet<string> General = new(StringComparer.Ordinal) { "updat", "chang", "modify", "execut", "writ", "edit", "submit", "commit", "apply", "sav" };

    private static Finding Describe(ModelStep model, ToolStep call, Passage rule, Match match, Passage last, bool isPlain) => StepFindings.At(
        model, "policy_order", "policy_violation", isPlain ? Proof.Provenance : Proof.Hint, isPlain ? Strength : Hint,
        $"{StepFindings.Say(model)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} without the user's confirmation, which its instructions ask for ({StepFindings.Quote(match.Value)}); the user had last said {StepFindings.Quote(last.Text, 120)}.",
        [
            call.Call?.Place.Say($"{StepFindings.Say(model)} asks for {StepFindings.Say(call)}.") ?? new Fact(model.Node.SpanId, $"{StepFindings.Say(model)} asks for {StepFindings.Say(call)}.", "/tool"),
            rule.Say("The instruction.", match.Value),
            last.Say("What the user had last said."),
        ],
        $"Have {StepFindings.Say(call)} refuse to run until the user has confirmed, instead of leaving it to the model.", "confirmation", explains: [call]);

    [GeneratedRegex(@"[^.\n]{0,120}\b(?:explicit(?:ly)?|obtain|ask for|get|require|need)\b[^.\n]{0,80}\b(?:confirm(?:ation|s|ed)?|consent|approval)\b[^.\n]{0,120}|\b(?:until|unless|before)\b[^.\n]{0,40}\b(?:user|customer|caller|client|guest|they|he or she)\b[^.\n]{0,20}\b(?:has|have|is|gives?|says?)?\s*(?:explicitly )?(?:approv|confirm|agree|consent)\w*[^.\n]{0,80}|\bconfirm\b[^.\n]{0,60}\b(?:with the user|before)\b[^.\n]{0,80}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\b(?:manager|supervisor|admin(?:istrator)?|director|compliance|reviewer|approver|committee|second person)(?:['’]s)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OfOthers();

    [GeneratedRegex(@"\b(?:yes|yeah|yep|yup|sure|ok(?:ay)?|confirm(?:ed)?|correct|proceed|go ahead|please do|do it|sounds (?:good|great|perfect|right)|that(?:['’]s| is) (?:right|correct|fine|good|great|perfect)|agree(?:d)?|approve(?:d)?|absolutely|definitely|perfect|great|exactly|let['’]?s (?:do|go|proceed|finalize)|works for me|fine with me)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Yes();
}
