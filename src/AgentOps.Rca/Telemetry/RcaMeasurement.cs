using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AgentOps.Rca.Telemetry;

/// <summary>Something that is being measured; it is recorded when it is disposed, however it ends.</summary>
internal sealed class RcaMeasurement(Activity? activity, Histogram<double> duration, TimeProvider timeProvider, TagList tags) : IDisposable
{
    private readonly long _start = timeProvider.GetTimestamp();
    private TagList _tags = tags;

    public TagList Tags => _tags;

    /// <summary>Adds what became known, to the activity and to the measure.</summary>
    public void Tag(string name, string? value)
    {
        if (value is not null)
        {
            _tags.Add(name, value);
        }
    }

    /// <summary>Adds what only the activity tells, since it has too many values for a measure.</summary>
    public void Detail(string name, object? value) => activity?.SetTag(name, value);

    /// <summary>Notes a failure by its class, never by its message.</summary>
    public void Failed(Exception exception)
    {
        var type = exception.GetType().FullName ?? exception.GetType().Name;
        _tags.Add("error.type", type);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose()
    {
        duration.Record(timeProvider.GetElapsedTime(_start).TotalSeconds, _tags);
        foreach (var (name, value) in _tags)
        {
            activity?.SetTag(name, value);
        }

        activity?.Dispose();
    }
}
