using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A number that a result gave in one unit and that a later call was given in another one of the same kind, unchanged: pounds as kilograms, seconds as milliseconds.</summary>
internal sealed class CarriedUnitDetector : IDetector
{
    private const double Strength = 2.3;
    private const int FewestDigits = 2;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<ResultValue> seen = [];
        List<Finding> findings = [];
        foreach (var call in run.Tools)
        {
            if (seen.Count > 0 && findings.Count == 0 && call is { IsHandoff: false, Arguments: { } arguments })
            {
                findings.AddRange(ResultValue.In(call, arguments.Value).Where(IsMeasure).Select(given => (Given: given, Source: SourceOf(run, call, given, seen)))
                    .Where(static pair => pair.Source is not null).Take(1).Select(pair => Describe(call, pair.Given, pair.Source!)));
            }

            if (call is { Failure: null, Result: { } result })
            {
                seen.AddRange(ResultValue.In(call, result.Value).Where(IsMeasure));
            }
        }

        return findings;
    }

    // Money is looked at where users and documents say what is to be paid.
    private static bool IsMeasure(ResultValue value) =>
        value is { Number: not null, Unit: { } unit } && Quantity.FamilyOf(unit) != "money" && value.Value.ToString().Count(char.IsAsciiDigit) >= FewestDigits;

    private static ResultValue? SourceOf(AgentRun run, ToolStep call, ResultValue given, List<ResultValue> seen)
    {
        bool IsItsNumber(double number) => KnownNumbers.AreSame(number, given.Number!.Value);
        var same = seen.FindAll(value => IsItsNumber(value.Number!.Value));
        return same.Count > 0 && same.TrueForAll(value => Quantity.Contradict(value.Unit!, given.Unit!))
            && !run.SaidByUsers().Concat(run.Instructions).SelectMany(static text => Quantity.In(text.Text)).Any(said => IsItsNumber(said.Value) && (said.Unit is null || !Quantity.Contradict(said.Unit, given.Unit!)))
            ? same[^1] : null;
    }

    private static Finding Describe(ToolStep call, ResultValue given, ResultValue source)
    {
        var (name, from) = (StepFindings.Say(call), StepFindings.Say(source.Source));
        var (gave, had) = ($"{given.Value.ToString()} {given.Unit}", $"{source.Value.ToString()} {source.Unit}");
        return StepFindings.At(
            call.Asker is { } asker ? asker : call, "carried_unit", "unit_mismatch", Proof.Provenance, Strength,
            $"{name} was given {gave} as {Words.Short(given.Name, 60)}{Words.At(call.Node.StartNs)}, but {from} had returned the number as {had}; it was carried over without being converted.",
            [call.Arguments!.Say($"{name} was given {gave}.", given.Pointer), source.Say($"{from} had returned {had}{Words.At(source.Source.Node.EndNs)}.")],
            $"Convert units in code between {from} and {name}, or let {name} take the unit beside the number.", "unit_mismatch", explains: [call]);
    }
}
