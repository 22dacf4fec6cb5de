using System.Text.Json;
using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// What LangSmith's client sends: runs as they begin under <c>post</c>, and what was known of them later under <c>patch</c>, which may stand before.
/// </summary>
internal sealed class LangSmithBatch
{
    private const string Begun = "post";
    private const string Later = "patch";

    private readonly Dictionary<string, byte[]> _later = new(StringComparer.OrdinalIgnoreCase);

    public static bool Knows(FileShape shape) => !shape.IsArray && shape.Any(static value => value.Has("post[]") && value.Has("patch[]"));

    /// <summary>The runs, each with what was told of it later.</summary>
    public static async IAsyncEnumerable<ImportRecord> ReadAsync(
        ImportContent content, ImportSink sink, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (content.Shape.IsLines)
        {
            await foreach (var line in content.LinesAsync(cancellationToken).ConfigureAwait(false))
            {
                if (line.Problem is { } problem)
                {
                    sink.LeaveOut(problem, line.Place);
                    continue;
                }

                await foreach (var run in new LangSmithBatch().RunsAsync(ImportContent.Of(line.Bytes, line.Place), sink, cancellationToken).ConfigureAwait(false))
                {
                    yield return run;
                }
            }

            yield break;
        }

        await foreach (var run in new LangSmithBatch().RunsAsync(content, sink, cancellationToken).ConfigureAwait(false))
        {
            yield return run;
        }
    }

    private async IAsyncEnumerable<ImportRecord> RunsAsync(
        ImportContent content, ImportSink sink, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var length = 0L;
        await foreach (var record in content.MembersAsync(static name => name == Later, cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is null && IdOf(record.Value) is { } id && (length += record.Bytes.Length) <= ImportLimits.RecordBytes)
            {
                _later[id] = record.Bytes.ToArray();
            }
            else
            {
                sink.LeaveOut(record.Problem ?? "What was told of a run later names no run, or there is too much of it.", record.Place);
            }
        }

        await foreach (var record in content.MembersAsync(static name => name == Begun, cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is null && IdOf(record.Value) is { } id && _later.Remove(id, out var later))
            {
                using var whole = Merge(record.Value, later);
                yield return record with { Value = whole.RootElement };
            }
            else
            {
                yield return record;
            }
        }

        // Runs that began in a batch before: what is told of them now names their type or is of no use alone.
        foreach (var rest in _later.Values)
        {
            using var run = ImportContent.TryParse(rest, out var problem);
            yield return new ImportRecord(content.Base, rest, run?.RootElement ?? default, problem);
        }
    }

    // The last part of the order is the run: its time, and its id behind the letter Z.
    private static string? IdOf(JsonElement run) =>
        ImportJson.Text(run, "id") ?? (ImportJson.Text(run, "dotted_order") is { } order && order.LastIndexOf('Z') is >= 0 and var mark
            && Guid.TryParse(order.AsSpan(mark + 1), out var id) ? id.ToString("D") : null);

    private static JsonDocument Merge(JsonElement begun, byte[] later)
    {
        using var told = ImportContent.TryParse(later, out _)!;
        using var whole = new MemoryStream();
        using (var json = new Utf8JsonWriter(whole))
        {
            json.WriteStartObject();
            foreach (var member in begun.EnumerateObject())
            {
                if (ImportJson.Find(told.RootElement, ImportJson.NameOf(member)) is null)
                {
                    Write(json, member);
                }
            }

            foreach (var member in told.RootElement.EnumerateObject())
            {
                Write(json, member);
            }

            json.WriteEndObject();
        }

        return ImportContent.TryParse(whole.ToArray(), out _)!;
    }

    private static void Write(Utf8JsonWriter json, JsonProperty member)
    {
        json.WritePropertyName(ImportJson.NameOf(member));
        json.WriteRawValue(ImportJson.RawOf(member.Value), skipInputValidation: true);
    }
}
