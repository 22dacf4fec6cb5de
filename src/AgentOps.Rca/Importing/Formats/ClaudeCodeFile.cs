using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Sessions of Claude Code: the files it keeps of each session and each of its sub-agents, what it prints as <c>stream-json</c>, and the sessions of
/// its web service, which are one document with the lines in <c>loglines</c>. An answer of the model stands on a line for each of its blocks, with
/// the same usage on each; it is one call here.
/// </summary>
internal sealed class ClaudeCodeFile : IFileFormat
{
    private const string Lines = "loglines";

    public string Name => ImportFormats.ClaudeCode;

    public bool Knows(FileShape shape) => shape.Any($"{Lines}[]", $"{Lines}[]/type", $"{Lines}[]/message") || shape.Any(static value =>
        (value["type"] is "user" or "assistant" && value.Has("message") && (NamesSession(value) || value.Has("parentUuid")))
        || (value["type"] == "summary" && value.Has("leafUuid", "summary"))
        || (value["type"] == "system" && value.Has("subtype") && NamesSession(value))
        || (value["type"] == "file-history-snapshot" && value.Has("snapshot")));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var session = content.Shape.Any(static value => NamesSession(value) || NamesSession(value, $"{Lines}[]/")) ? null : await content.DigestAsync(cancellationToken).ConfigureAwait(false);
        var sessions = new ClaudeCodeSessions(sink, session);
        var count = 0L;
        var records = content.Shape.Any($"{Lines}[]") ? content.MembersAsync(static name => name == Lines, cancellationToken) : content.RecordsAsync(cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
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

    private static bool NamesSession(ValueShape value, string within = "") => value.Has($"{within}sessionId") || value.Has($"{within}session_id");
}
