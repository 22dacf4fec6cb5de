using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// OTLP in JSON: a request a line, as the collector's file exporter writes it, or a document of any size, whose resources are read one after the
/// other. What the OTLP door takes of other writers (Tempo's names, snake_case) is taken here.
/// </summary>
internal sealed class OtlpJsonFile : IFileFormat
{
    private static readonly string[] Spans = ["resourceSpans", "resource_spans", "batches"];
    private static readonly string[] Logs = ["resourceLogs", "resource_logs"];
    private static readonly string[] Metrics = ["resourceMetrics", "resource_metrics"];

    public string Name => ImportFormats.OtlpJson;

    public bool HasOneStory => true;

    public bool Knows(FileShape shape) => shape.Any(static value => Array.Exists([.. Spans, .. Logs, .. Metrics], name => value.Has(name + "[]"))
        || value.Has("trace/resourceSpans") || value.Has("trace/batches"));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var count = 0L;
        var isWhole = !content.Shape.IsLines && !content.Shape.IsArray && !content.Shape.Any("trace");
        var records = isWhole ? content.MembersAsync(static name => IndexOf(name) >= 0, cancellationToken) : content.RecordsAsync(cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else if (isWhole)
            {
                // A group of a large document is read as a request of its own.
                await ReadAsync(Wrap(record), record.Name, record.Place, record.Index, sink, cancellationToken).ConfigureAwait(false);
            }
            else if (record.Value.ValueKind == JsonValueKind.Object)
            {
                await ReadRequestAsync(record, sink, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                sink.LeaveOut("A record is no OTLP request.", record.Place);
            }
        }

        return count;
    }

    private static async ValueTask ReadRequestAsync(ImportRecord record, ImportSink sink, CancellationToken cancellationToken)
    {
        var known = false;
        foreach (var name in Signals(record.Value))
        {
            known = true;
            await ReadAsync(record.Bytes, name, record.Place, -1, sink, cancellationToken).ConfigureAwait(false);
        }

        if (!known)
        {
            sink.LeaveOut("A record is no OTLP request.", record.Place);
        }
    }

    private static IEnumerable<string> Signals(JsonElement request)
    {
        foreach (var member in request.EnumerateObject())
        {
            var name = ImportJson.NameOf(member);
            if (IndexOf(name) >= 0 || (name == "trace" && member.Value.ValueKind == JsonValueKind.Object))
            {
                yield return name == "trace" ? Spans[0] : name;
            }
        }
    }

    private static async ValueTask ReadAsync(
        ReadOnlyMemory<byte> body, string signal, FilePlace place, int group, ImportSink sink, CancellationToken cancellationToken)
    {
        if (Array.IndexOf(Metrics, signal) >= 0)
        {
            sink.LeaveOut("Metrics are not stored.", place);
        }
        else if (Array.IndexOf(Logs, signal) >= 0)
        {
            await TakeAsync(OtlpJson.ReadLogs(body), place, group, sink, sink.AddAsync, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await TakeAsync(OtlpJson.ReadSpans(body), place, group, sink, sink.AddAsync, cancellationToken).ConfigureAwait(false);
        }
    }

    internal static async ValueTask TakeAsync<T>(
        IEnumerable<OtlpRead<T>> records, FilePlace place, int group, ImportSink sink, Func<T, FilePlace, CancellationToken, ValueTask> add, CancellationToken cancellationToken)
        where T : OtlpRecord
    {
        using var reader = records.GetEnumerator();
        while (true)
        {
            try
            {
                if (!reader.MoveNext())
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is InvalidDataException or JsonException)
            {
                sink.LeaveOut(exception is JsonException ? "A record is no JSON, or breaks off." : exception.Message, place);
                return;
            }

            var read = reader.Current;
            var at = place with { Pointer = (group < 0 ? read.Place : read.Place with { Group = group }).ToString() };
            if (read.Record is not { } record)
            {
                sink.LeaveOut(read.Problem!, at);
                continue;
            }

            foreach (var unread in record.Unread ?? [])
            {
                sink.LeaveOut($"A record is kept without its member '{unread.Member}', which cannot be read.", at);
            }

            await add(record, at, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int IndexOf(string name) => Array.IndexOf([.. Spans, .. Logs, .. Metrics], name);

    private static ReadOnlyMemory<byte> Wrap(ImportRecord record)
    {
        var (before, after) = ($$"""{"{{record.Name}}":[""", "]}");
        return (byte[])[.. System.Text.Encoding.UTF8.GetBytes(before), .. record.Bytes.Span, .. System.Text.Encoding.UTF8.GetBytes(after)];
    }
}
