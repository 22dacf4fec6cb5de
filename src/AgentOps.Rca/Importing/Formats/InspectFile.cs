using System.Text.Json;
using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Logs of inspect_ai: the JSON form with all samples, and the samples of an <c>.eval</c> archive, a file each. A sample is a run.
/// </summary>
internal sealed class InspectFile : IFileFormat
{
    public string Name => ImportFormats.Inspect;

    public bool Knows(FileShape shape) => shape.Any(static value => IsLog(value) || IsSample(value) || IsSummary(value));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        if (!content.Shape.IsArray && content.Shape.Any(IsLog))
        {
            return await ReadLogAsync(content, sink, cancellationToken).ConfigureAwait(false);
        }

        // What an archive says beside its samples.
        if (!content.Shape.Any(IsSample))
        {
            return 0;
        }

        var count = 0L;
        await foreach (var record in content.RecordsAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            await TakeAsync(record, null, sink, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private static async ValueTask<long> ReadLogAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        string? task = null;
        await foreach (var record in content.MembersAsync(static name => name == "eval", cancellationToken).ConfigureAwait(false))
        {
            task = ImportJson.Text(record.Value, "task") ?? task;
        }

        var count = 0L;
        await foreach (var record in content.MembersAsync(static name => name == "samples", cancellationToken).ConfigureAwait(false))
        {
            if (record.Index >= 0 || record.Problem is not null)
            {
                count++;
                await TakeAsync(record, task, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    private static async ValueTask TakeAsync(ImportRecord record, string? task, ImportSink sink, CancellationToken cancellationToken)
    {
        if (record.Problem is { } problem)
        {
            sink.LeaveOut(problem, record.Place);
        }
        else if (record.Value.ValueKind != JsonValueKind.Object)
        {
            sink.LeaveOut("A sample is no object.", record.Place);
        }
        else
        {
            var run = ImportJson.Text(record.Value, "uuid") ?? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(record.Bytes.Span));
            await new InspectSample(record.Value, run, task, sink).ReadAsync(record.Place, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsLog(ValueShape value) => value.Has("eval") && (value.Has("plan") || value.Has("samples")) && (value.Has("eval/task") || value.Has("eval/eval_id") || value.Has("eval/run_id"));

    private static bool IsSample(ValueShape value) => value.Has("epoch", "input") && value.Has("id") && (value.Has("events[]") || value.Has("messages[]"));

    private static bool IsSummary(ValueShape value) => (value.Has("epoch", "target") && value.Has("id")) || value.Has("scorer", "samples[]");
}
