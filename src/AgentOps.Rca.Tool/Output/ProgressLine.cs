using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Output;

/// <summary>Says on the standard error how far long work is, where somebody looks; one line that is written over.</summary>
internal sealed class ProgressLine(bool isWanted) : IProgress<ImportProgress>, IProgress<RcaProgress>, IDisposable
{
    private const int Width = 78;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly bool _isShown = isWanted && !Console.IsErrorRedirected;
    private long _last;
    private bool _hasLine;

    /// <summary>What is being read.</summary>
    public string File { get; set; } = "";

    /// <summary>How many spans of it were stored.</summary>
    public long Spans { get; private set; }

    public void Report(ImportProgress value)
    {
        Spans = value.Spans;
        Show(string.Create(CultureInfo.InvariantCulture, $"Reading {File}: {value.Bytes / 1_048_576.0:0.0} MiB, {value.Spans:N0} spans"));
    }

    /// <summary>Which run of how many is looked at; null where there is one.</summary>
    public (int Number, int Count)? Run { get; set; }

    public void Report(RcaProgress value) =>
        Show(Run is { } run ? string.Create(CultureInfo.InvariantCulture, $"Run {run.Number} of {run.Count}: {value.Message}") : value.Message);

    /// <summary>How much of the file is on its way to a host.</summary>
    public void Sent(long bytes) => Show(string.Create(CultureInfo.InvariantCulture, $"Sending {File}: {bytes / 1_048_576.0:0.0} MiB"));

    public void Dispose()
    {
        if (_hasLine)
        {
            Console.Error.Write($"\r{new string(' ', Width)}\r");
            _hasLine = false;
        }
    }

    private void Show(string text)
    {
        if (!_isShown || (_hasLine && TimeProvider.System.GetElapsedTime(_last) < Pause))
        {
            return;
        }

        _last = TimeProvider.System.GetTimestamp();
        _hasLine = true;
        Console.Error.Write($"\r{Plain.Line(text, Width - 1).PadRight(Width)}");
    }
}
