using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Sessions of Claude Code: the files it keeps of each session and each of its sub-agents, and what it prints as <c>stream-json</c>. An answer of
/// the model stands on a line for each of its blocks, with the same usage on each; it is one call here.
/// </summary>
internal sealed class ClaudeCodeFile : IFileFormat
{
    public string Name => ImportFormats.ClaudeCode;

    public bool Knows(FileShape shape) => shape.Any(static value =>
        (value["type"] is "user" or "assistant" && value.Has("message") && (value.Has("sessionId") || value.Has("session_id") || value.Has("parentUuid")))
        || (value["type"] == "summary" && value.Has("leafUuid", "summary"))
        || (value["type"] == "system" && value.Has("subtype") && (value.Has("sessionId") || value.Has("session_id")))
        || (value["type"] == "file-history-snapshot" && value.Has("snapshot")));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var sessions = new ClaudeCodeSessions(sink);
        var count = 0L;
        await foreach (var record in content.RecordsAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else
            {
                await sessions.TakeAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
            }
        }

        await sessions.EndAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }
}
