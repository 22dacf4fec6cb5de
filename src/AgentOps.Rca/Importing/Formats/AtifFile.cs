using System.Text.Json;
using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Trajectories in ATIF, Harbor's interchange format: a document, several in a list or under names of their own, or one a line; with the
/// trajectories of sub-agents within them.
/// </summary>
internal sealed class AtifFile : IFileFormat
{
    private const string Steps = "steps";
    private const string Subagents = "subagent_trajectories";

    public string Name => ImportFormats.Atif;

    public bool Knows(FileShape shape) => shape.Any(IsTrajectory) || shape.Any(static value => value.Members.Any(static name => name.EndsWith("/schema_version", StringComparison.Ordinal)) && value.Members.Any(static name => name.EndsWith("/steps", StringComparison.Ordinal)));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        if (!content.Shape.IsLines && !content.Shape.IsArray && content.Shape.Any(IsTrajectory))
        {
            return await ReadDocumentAsync(content, sink, cancellationToken).ConfigureAwait(false);
        }

        var count = 0L;
        var records = content.Shape.IsLines || content.Shape.IsArray ? content.RecordsAsync(cancellationToken) : content.MembersAsync(static _ => true, cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else
            {
                count += await ReadOneAsync(record, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    // The steps of a document are read one after the other; what is said of the whole may stand behind them.
    private static async ValueTask<long> ReadDocumentAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var head = new AtifHead();
        await foreach (var record in content.MembersAsync(static name => name is not Subagents, cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is null)
            {
                head.Read(record.Name, record.Index, record.Value);
            }
        }

        var trajectory = new AtifTrajectory(head, head.Run ?? await content.DigestAsync(cancellationToken).ConfigureAwait(false), sink);
        var count = 0L;
        await foreach (var record in content.MembersAsync(static name => name is Steps, cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else
            {
                await trajectory.TakeAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
            }
        }

        await foreach (var record in content.MembersAsync(static name => name is Subagents, cancellationToken).ConfigureAwait(false))
        {
            if (record.Index >= 0 && record.Problem is null)
            {
                count += await trajectory.ReadSubagentAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
            }
        }

        await trajectory.EndAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    private static async ValueTask<long> ReadOneAsync(ImportRecord record, ImportSink sink, CancellationToken cancellationToken)
    {
        if (ImportJson.Find(record.Value, Steps) is not { ValueKind: JsonValueKind.Array })
        {
            sink.LeaveOut("A record is no trajectory.", record.Place);
            return 0;
        }

        var head = AtifHead.Of(record.Value);
        var run = head.Run ?? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(record.Bytes.Span));
        return await new AtifTrajectory(head, run, sink).ReadAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsTrajectory(ValueShape value) =>
        (value["schema_version"]?.StartsWith("ATIF", StringComparison.Ordinal) == true && value.Has("agent")) || value.Has("steps[]", "agent/name", "session_id");
}
