namespace AgentOps.Rca.Importing;

/// <summary>Which incident a span of a file is given: the one that the request names, that of the file's first run, or that of its own run.</summary>
internal sealed class ImportIncidents(ImportRequest request)
{
    private readonly Dictionary<string, Opened> _ofRun = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Opened> _byId = new(StringComparer.Ordinal);
    private readonly List<Opened> _all = [];
    private Opened? _shared;

    /// <summary>Those that spans were given, in the order of the file.</summary>
    public IReadOnlyList<Opened> All => _all;

    /// <summary>Whether the runs of the content that is read now stay together.</summary>
    public bool HasOneStory { get; set; }

    private bool IsPerRun => request.IncidentPerRun && request.IncidentId is null && !HasOneStory;

    /// <summary>The id of the incident of a span.</summary>
    /// <param name="run">The run (trace) that it is of; null where its id is none.</param>
    /// <param name="place">Where it stands.</param>
    public string? Of(string? run, FilePlace place)
    {
        if (request.IncidentId is null && (!request.OpensIncident || run is null))
        {
            return IsPerRun ? null : _shared?.Text;
        }

        if (IsPerRun)
        {
            return (_ofRun.TryGetValue(run!, out var own) ? own : _all.Count < FileImport.MostRuns ? Add(run!, place) : null)?.Text;
        }

        return (_shared ??= Add(run ?? "", place)).Text;
    }

    /// <summary>Counts a span.</summary>
    /// <param name="incidentId">The incident that it was given.</param>
    public void Count(string? incidentId)
    {
        if (incidentId is not null && _byId.TryGetValue(incidentId, out var incident))
        {
            incident.Spans++;
        }
    }

    private Opened Add(string run, FilePlace place)
    {
        var id = request.IncidentId ?? ImportIds.IncidentOf(run);
        // A run may stand in two files of an archive.
        if (!_byId.TryGetValue(id.ToString("D"), out var incident))
        {
            incident = new Opened(id, run, place);
            _byId.Add(incident.Text, incident);
            _all.Add(incident);
        }

        return _ofRun[run] = incident;
    }

    /// <summary>An incident, and how many spans it was given.</summary>
    internal sealed class Opened(Guid id, string run, FilePlace first)
    {
        public Guid Id { get; } = id;

        public string Text { get; } = id.ToString("D");

        public string Run { get; } = run;

        public FilePlace First { get; } = first;

        public long Spans { get; set; }
    }
}
