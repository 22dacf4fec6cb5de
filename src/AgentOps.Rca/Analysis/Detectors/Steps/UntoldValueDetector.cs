using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An answer that tells a value of the user's (a phone number, an address, an amount of many digits) as taken over ("your phone number is now …") where no call was ever given it.</summary>
internal sealed partial class UntoldValueDetector : IAnswerDetector
{
    private const double Strength = 2.4;
    private const int FewestDigits = 6;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer, IsCut: false } || run.Tools.Count == 0 || run.Tools.Any(static tool => tool.IsHandoff || tool.Arguments is null || tool.Commands.Count > 0))
        {
            return [];
        }

        foreach (var sentence in Sentences.In(answer.Text).SelectMany(static sentence => Clause().Split(sentence)).Where(static clause => Taken().IsMatch(clause) && !Doubt().IsMatch(clause)))
        {
            foreach (var value in Value().Matches(sentence).Select(static match => match.Value.TrimEnd('.', ',')).Where(static text => text.Contains('@') || Digits(text).Length >= FewestDigits))
            {
                // What a result gives has been taken over by somebody.
                if (SaidBy(run, model, value) is { } user && !run.Tools.Any(tool => tool.Number < model.Number && (Holds(tool.Arguments!.Text, value) || (tool.Result is { } result && Holds(result.Text, value)))))
                {
                    return [Describe(run, model, answer, sentence.Trim(), value, user)];
                }
            }
        }

        return [];
    }

    private static Passage? SaidBy(AgentRun run, ModelStep model, string value) => run.SaidByUsers(model).FirstOrDefault(text => Holds(text.Text, value));

    private static bool Holds(string text, string value) => value.Contains('@') ? text.Contains(value, StringComparison.OrdinalIgnoreCase) : Digits(text).Contains(Bare(value), StringComparison.Ordinal);

    // A number of a telephone may be written with the country before it or with a zero.
    private static string Bare(string value) => Digits(value) is var digits && digits.Length > 9 ? digits[^9..] : digits;

    private static string Digits(string text) => new([.. text.Where(char.IsAsciiDigit)]);

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, string claim, string value, Passage user)
    {
        var names = run.Tools.Select(static tool => Words.Name(tool.Tool)).Distinct().ToList();
        return StepFindings.At(
            model, "untold_value", "claimed_without_action", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(claim, 140)}, but none of the {Words.Count(run.Tools.Count, "call")} before it was given this value or returned it ({string.Join(", ", names.Take(5))}{(names.Count > 5 ? " and others" : "")}): nothing took it over.",
            [answer.Say("What the answer claims.", StepFindings.Head(claim)), user.Say("Where the value comes from.", value)],
            "Check each change that the answer tells of against a call that was given it, and have it say what was not done.", "claimed_without_action");
    }

    [GeneratedRegex(@"[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d ()/-]{4,24}\d", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Value();

    [GeneratedRegex(@"(?<=[,;]) (?=(?:and|und|et|y|e|en)\b)|;", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Clause();

    [GeneratedRegex(@"\b(?:is now|are now|now reads|now set|(?:has|have) been (?:changed|updated|set|corrected|added|stored|saved|registered|replaced|recorded)|(?:changed|updated|set|corrected) (?:\w+ ){0,4}to|(?:ist|lautet) (?:jetzt|nun)|wurde\w* .{0,60}(?:geändert|aktualisiert|hinterlegt|gespeichert)|est (?:maintenant|désormais)|a été (?:modifi|mis|enregistr|chang)\w+|ahora es|(?:ha|han) sido (?:actualiz|cambi|registr)\w+|foi (?:atualiz|alterad|regist)\w+|è (?:ora|stat[oa] (?:aggiorn|cambi|registr)\w+))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Taken();

    [GeneratedRegex(@"\?|\b(?:not|would|could|should|if|once|will|when|unless|please|can|may|nicht|wenn|würde|wird|pas|si|sera|no|será|não|se)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Doubt();
}
