using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A number that the answer tells of one record of a list and that the list has for another one, where the named record's own number is not told.</summary>
internal sealed partial class OtherRowToldDetector : IAnswerDetector
{
    private const double Strength = 2.3;
    private const int MostLookups = 20;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer })
        {
            return [];
        }

        var all = Quantity.In(answer.Text).Select(static one => one.Value).ToList();
        foreach (var lookup in run.Tools.Where(tool => tool is { Failure: null, Result.Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } && tool.Number < model.Number).Reverse().Take(MostLookups))
        {
            foreach (var rows in NamedRow.Lists(lookup))
            {
                foreach (Match sentence in Sentence().Matches(answer.Text))
                {
                    if (!Compared().IsMatch(sentence.Value) && Named(rows, sentence.Value) is { } named && Find(run, model, rows, named, sentence.Value, all) is { } found)
                    {
                        return [Describe(run, model, answer, named, found.Other, found.Member, found.Said with { Text = found.Said.Unit is null ? Number().Match(found.Said.Text).Value : found.Said.Text })];
                    }
                }
            }
        }

        return [];
    }

    // By the whole name, or all of it but a last word that says of what kind it is; of names within each other, the longest.
    private static NamedRow? Named(List<NamedRow> rows, string sentence)
    {
        var plain = PlainWords.Of(sentence);
        string Short(NamedRow row) => PlainWords.Split(row.Plain) is { Length: > 2 } words ? $" {string.Join(' ', words[..^1])} " : row.Plain;
        var named = rows.FindAll(row => PlainWords.Hold(plain, Short(row)));
        named = named.FindAll(row => !named.Exists(other => other != row && Short(other).Length > Short(row).Length && Short(other).Contains(Short(row), StringComparison.Ordinal)));

        // The same words may stand for the shorter name elsewhere in the sentence.
        return named is [var only] && plain.Split(Short(only)).Length == 2 && !rows.Exists(row => row != only && PlainWords.Hold(plain.Replace(Short(only), " ", StringComparison.Ordinal), Short(row))) ? only : null;
    }

    private static (NamedRow Other, string Member, Quantity Said)? Find(AgentRun run, ModelStep model, List<NamedRow> rows, NamedRow named, string sentence, List<double> all)
    {
        foreach (var member in named.Item.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Number))
        {
            var own = member.Value.GetDouble();
            if (all.Exists(number => KnownNumbers.AreSame(number, own)))
            {
                continue;
            }

            foreach (var said in Quantity.In(sentence).Where(static one => Math.Abs(one.Value) >= 10 && one.Value is not (>= 1900 and <= 2100)))
            {
                var others = rows.FindAll(row => row != named && NumberOf(row, member.Name) is { } number && KnownNumbers.AreSame(number, said.Value));
                if (others is [var other] && IsOfMember(named, member, said) && !named.Item.EnumerateObject().Any(value => NumberOf(named, value.Name) is { } number && KnownNumbers.AreSame(number, said.Value)) && !IsKnownOtherwise(run, model, rows, said))
                {
                    return (other, member.Name, said);
                }
            }
        }

        return null;
    }

    // A share or a length is no number of something else.
    private static bool IsOfMember(NamedRow named, JsonProperty member, Quantity said) => said.Unit is not { } unit
        || (new ResultValue(member.Name, member.Value, named.Item, "", named.Source).Unit is { } own ? !Quantity.Contradict(own, unit) && Quantity.FamilyOf(own) == Quantity.FamilyOf(unit) : Quantity.FamilyOf(unit) == "money");

    private static double? NumberOf(NamedRow row, string member) => row.Item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    // The user, an instruction or another result says the number, too, or it stands there more than once.
    private static bool IsKnownOtherwise(AgentRun run, ModelStep model, List<NamedRow> rows, Quantity said) =>
        KnownNumbers.Told(run).Exists(other => KnownNumbers.AreSame(other.Value, said.Value))
        || ResultValue.Before(run, model).Count(value => (value.Value.ValueKind == JsonValueKind.Number && value.Number is { } number && KnownNumbers.AreSame(number, said.Value))
            || (value.Value.ValueKind == JsonValueKind.String && value.Value.GetString() is { Length: < 5_000 } text && !rows.Exists(row => row.Name == text) && Quantity.In(text).Any(other => KnownNumbers.AreSame(other.Value, said.Value)))) > 1;

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, NamedRow named, NamedRow other, string member, Quantity said)
    {
        var source = StepFindings.Say(named.Source);
        var own = named.Item.GetProperty(member).GetRawText();
        return StepFindings.At(
            model, "other_row_told", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(said.Text, 40)} of {StepFindings.Quote(named.Name, 60)}, for which {source} had returned {Words.Short(own, 40)} as {Words.Name(member)}; {Words.Short(other.Item.GetProperty(member).GetRawText(), 40)} is that of {StepFindings.Quote(other.Name, 60)}.",
            [
                answer.Say("What the answer says.", said.Text),
                named.Source.Result!.Say($"{source} had returned {Words.Short(own, 40)} for {StepFindings.Quote(named.Name, 60)}.", named.Pointer + JsonPointers.Step(member), own),
                named.Source.Result.Say($"It had returned this for {StepFindings.Quote(other.Name, 60)}.", other.Pointer + JsonPointers.Step(member), other.Item.GetProperty(member).GetRawText()),
            ],
            $"Let code write the numbers of {source} beside the names that they belong to, or have it return the one record that was asked for.", "other_row_told", explains: run.Runs);
    }

    [GeneratedRegex(@"(?:[^.!?;\n]|[.](?=\w))+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\d[\d.,]*(?<![.,])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?:than|other|another|instead|compared|versus|vs|alternativ\w*|both|each|total|sum|als|andere\w*|statt|beide|otr[oa]s?|autres?|altr[oaie])\b|より|他", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Compared();
}
