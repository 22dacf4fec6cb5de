using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// One analysis an incident at a time in a process. Who asks for the very same while it is being made, of the same spans and in the same name, gets its outcome;
/// others wait for their turn.
/// </summary>
internal sealed class AnalysisRuns
{
    private readonly Dictionary<Guid, Run> _runs = [];
    private readonly Lock _lock = new();

    /// <summary>Makes the analysis, or takes part in the one that is being made.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="countSpans">How many spans the incident has now: what was stored since an analysis began is not in it.</param>
    /// <param name="make">Makes it, of so many spans; stopped when all who take part have left.</param>
    /// <param name="progress">Told about each step from now on, or null.</param>
    /// <param name="cancellationToken">Leaves.</param>
    public async ValueTask<RcaOutcome> AnalyzeAsync(
        RcaRequest request,
        Func<CancellationToken, ValueTask<long>> countSpans,
        Func<long, IProgress<RcaProgress>, CancellationToken, ValueTask<RcaOutcome>> make,
        IProgress<RcaProgress>? progress,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var spans = await countSpans(cancellationToken).ConfigureAwait(false);
            Run? other = null;
            Run? mine = null;
            var isFirst = false;
            lock (_lock)
            {
                if (_runs.TryGetValue(request.IncidentId, out var known))
                {
                    (other, mine) = known.TryJoin(request, spans, progress) ? (null, known) : (known, (Run?)null);
                }
                else
                {
                    mine = _runs[request.IncidentId] = new Run(request, spans, progress);
                    isFirst = true;
                }
            }

            if (mine is null)
            {
                await other!.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (isFirst)
            {
                mine.Start(make, End);
            }

            return await mine.TakePartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void End(Run run)
    {
        lock (_lock)
        {
            _runs.Remove(run.IncidentId);
        }
    }

    private static bool AreEqual(RcaRequest one, RcaRequest other) =>
        one with { Source = null, Reference = null } == other with { Source = null, Reference = null }
        && (one.Reference, other.Reference) switch
        {
            (null, null) => true,
            ({ } left, { } right) => left with { IncidentIds = null } == right with { IncidentIds = null }
                && (left.IncidentIds is null) == (right.IncidentIds is null) && (left.IncidentIds ?? []).SequenceEqual(right.IncidentIds ?? []),
            _ => false,
        };

    [SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle, and who leaves last may stop it after its end.")]
    private sealed class Run(RcaRequest request, long spans, IProgress<RcaProgress>? first) : IProgress<RcaProgress>
    {
        private readonly TaskCompletionSource<RcaOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _stop = new();
        private readonly Lock _lock = new();
        private ImmutableArray<IProgress<RcaProgress>> _listeners = first is null ? [] : [first];
        private int _count = 1;

        public Guid IncidentId => request.IncidentId;

        /// <summary>Ends, and never fails, when the next one may begin.</summary>
        public Task Ended => _ended.Task;

        public bool TryJoin(RcaRequest asked, long now, IProgress<RcaProgress>? listener)
        {
            lock (_lock)
            {
                if (_count == 0 || now != spans || !AreEqual(request, asked))
                {
                    return false;
                }

                _count++;
                _listeners = listener is null ? _listeners : _listeners.Add(listener);
                return true;
            }
        }

        public void Report(RcaProgress value)
        {
            foreach (var listener in _listeners)
            {
                listener.Report(value);
            }
        }

        public async void Start(Func<long, IProgress<RcaProgress>, CancellationToken, ValueTask<RcaOutcome>> make, Action<Run> end)
        {
            try
            {
                var outcome = await make(spans, this, _stop.Token).ConfigureAwait(false);
                end(this);
                _outcome.SetResult(outcome);
            }
            catch (Exception failure)
            {
                end(this);
                _outcome.SetException(failure);
            }

            _ended.SetResult();
        }

        public async ValueTask<RcaOutcome> TakePartAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await _outcome.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                if (Leave())
                {
                    await _stop.CancelAsync().ConfigureAwait(false);
                    await ((Task)_outcome.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                throw;
            }
        }

        private bool Leave()
        {
            lock (_lock)
            {
                return --_count == 0;
            }
        }
    }
}
