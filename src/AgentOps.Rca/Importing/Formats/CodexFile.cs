using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>Sessions of the Codex command line (<c>rollout-*.jsonl</c>), of today's form and of the first one, whose lines are bare items.</summary>
internal sealed class CodexFile : IFileFormat
{
    public string Name => ImportFormats.Codex;

    public bool Knows(FileShape shape) => shape.Any(static value =>
        (value.Has("payload") && value["type"] is "session_meta" or "response_item" or "event_msg" or "turn_context" or "compacted")
        || value["record_type"] == "state");

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        CodexSession? session = null;
        var count = 0L;
        await foreach (var record in content.RecordsAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
                continue;
            }

            // A part of a session that has lost its first line is known by its content.
            session ??= CodexSession.Of(record.Value, sink) ?? new CodexSession(await content.DigestAsync(cancellationToken).ConfigureAwait(false), record.Value, sink);
            await session.TakeAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
        }

        if (session is not null)
        {
            await session.EndAsync(cancellationToken).ConfigureAwait(false);
        }

        return count;
    }
}
