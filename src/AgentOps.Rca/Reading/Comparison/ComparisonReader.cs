using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Finds two runs and holds them against each other.</summary>
internal sealed class ComparisonReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts, SpanTables tables, RunSpans runs)
{
    private readonly StepWindowReader _windows = new(spans, artifacts);

    public async ValueTask<CompareOutcome> ReadAsync(CompareQuery query, CancellationToken cancellationToken)
    {
        if (await LoadAsync(query.Left, cancellationToken).ConfigureAwait(false) is not { } left)
        {
            return new CompareOutcome.RunNotFound(IsLeft: true, Missing(query.Left));
        }

        return await LoadAsync(query.Right, cancellationToken).ConfigureAwait(false) is { } right
            ? new CompareOutcome.Found(new ComparisonWriter(left, right, query.Mask).Write())
            : new CompareOutcome.RunNotFound(IsLeft: false, Missing(query.Right));
    }

    private static string Missing(string id) => $"There is no incident {id}, and no span of this id that is part of a run of an agent.";

    private async ValueTask<LoadedRun?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        if (Guid.TryParseExact(id, "D", out var incidentId) && await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is { } incident)
        {
            var known = await tables.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false);
            return await OpenAsync(id, incident, incidentId, known, cancellationToken).ConfigureAwait(false);
        }

        if (await spans.GetAsync(id, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        var around = await runs.ReadAsync(RunSpans.KeyOf(id), cancellationToken).ConfigureAwait(false);
        if (around.FirstOrDefault(run => run.Spans.Any(span => span.SpanId == id)) is not { } found)
        {
            return null;
        }

        var builder = new SpanTableBuilder();
        foreach (var span in found.Spans.OrderBy(static span => EpochUnit.ToNanoseconds(span.StartTs)).ThenBy(static span => span.SpanId, Utf8Comparer.Instance))
        {
            builder.Add(span);
        }

        // A case is about an incident; that of a run without one is never shown.
        var unnamed = new Incident
        {
            Id = Guid.Empty,
            OrderId = id,
            ProblemType = "run",
            CreatedTs = EpochUnit.ToInstant(EpochUnit.ToNanoseconds(found.Root.StartTs)),
        };
        return await OpenAsync(id, unnamed, null, new RememberedRun(Guid.Empty, builder.Build()), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<LoadedRun> OpenAsync(string id, Incident incident, Guid? incidentId, RememberedRun run, CancellationToken cancellationToken)
    {
        var window = await _windows.ReadAsync(incident, run, number: 0, cancellationToken).ConfigureAwait(false);
        return new LoadedRun(id, incidentId, run.Table.Count == 0 ? null : run.Table.IdOf(run.Table.ByRank[0]), run, window);
    }
}
