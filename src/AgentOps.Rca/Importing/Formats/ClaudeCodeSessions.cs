using System.Text.Json;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// The conversations of a file of Claude Code: the session's own, and one for each sub-agent, whose run hangs below the tool call that started it
/// where the file tells which that is, else below the session.
/// </summary>
/// <param name="sink">Takes what is read.</param>
/// <param name="unnamed">The session of lines that name none; null where they are left out.</param>
internal sealed class ClaudeCodeSessions(ImportSink sink, string? unnamed)
{
    private const int MostThreads = 10_000;
    private const int MostLinks = 1_000_000;
    private const string Agent = "claude-code";

    // What Claude Code notes for itself.
    private static readonly string[] Notes =
    [
        "summary", "file-history-snapshot", "queue-operation", "progress", "custom-title", "ai-title", "agent-name", "agent-setting", "last-prompt",
        "pr-link", "tag", "mode", "permission-mode", "attribution-snapshot", "content-replacement", "bridge-session", "stream_event", "tool_progress",
        "worktree-state", "marble-origami-commit", "marble-origami-snapshot", "frame-link", "agent-color", "rate_limit_event", "keep_alive", "control_request", "control_response",
    ];

    private readonly Dictionary<string, ClaudeCodeThread> _threads = new(StringComparer.Ordinal);

    // Of the lines of sub-agents within the session's own file: which of them began the conversation.
    private readonly Dictionary<UInt128, string> _roots = [];

    public async ValueTask TakeAsync(JsonElement line, FilePlace place, CancellationToken cancellationToken)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            sink.LeaveOut("A line is no object.", place);
            return;
        }

        var type = ImportJson.Text(line, "type");
        if (type is not ("user" or "assistant" or "system" or "result" or "attachment"))
        {
            if (Array.IndexOf(Notes, type) >= 0)
            {
                sink.PassOver($"Lines of the type '{type}' tell of no step.", place);
            }
            else
            {
                sink.LeaveOut("A line has a type that is not known.", place);
            }

            return;
        }

        if ((ImportJson.Text(line, "sessionId") ?? ImportJson.Text(line, "session_id") ?? unnamed) is not { } session)
        {
            sink.LeaveOut("A line names no session.", place);
            return;
        }

        if (ThreadOf(line, session) is not { } thread)
        {
            sink.LeaveOut($"The file has more than {MostThreads} conversations.", place);
            return;
        }

        var time = RunClock.Read(ImportJson.Find(line, "timestamp"));
        switch (type)
        {
            case "assistant":
                await thread.SayAsync(line, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "user":
                await thread.GiveAsync(line, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "attachment":
                sink.PassOver("Lines of the type 'attachment' tell of no step.", place);
                break;
            default:
                await thread.NoteAsync(line, time, place, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Ends all conversations, those of sub-agents first.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        foreach (var thread in _threads.Values.OrderBy(static thread => thread.IsMain))
        {
            await thread.EndAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private ClaudeCodeThread? ThreadOf(JsonElement line, string session)
    {
        var agent = SubagentOf(line);
        var key = agent is null ? session : $"{session} {agent}";
        if (_threads.TryGetValue(key, out var thread))
        {
            return thread;
        }

        if (_threads.Count == MostThreads)
        {
            return null;
        }

        var trace = ImportIds.TraceOf(ImportFormats.ClaudeCode, session);
        var source = StepRecord.Source(Agent, ImportJson.Text(line, "version"));
        var clock = new RunClock(RunClock.Read(ImportJson.Find(line, "timestamp")));
        var conversation = new Conversation(sink, source, trace, agent ?? "", clock) { Agent = Agent };
        conversation.About.Add(new("session.id", OtlpValue.Of(session)));
        if (agent is not null)
        {
            var caller = CallerOf(line, session, agent);
            conversation.Parent = caller.Parent ?? ImportIds.SpanOf(trace, "run ");
            conversation.Agent = caller.Kind ?? ImportJson.Text(line, "agentType") ?? "subagent";
            conversation.About.Add(new("gen_ai.agent.id", OtlpValue.Of(agent)));
        }

        thread = new ClaudeCodeThread(conversation, sink) { IsMain = agent is null };
        _threads.Add(key, thread);
        return thread;
    }

    // Newer files name the sub-agent; older ones only say that a line is beside the session, and which line it follows.
    private string? SubagentOf(JsonElement line)
    {
        if (ImportJson.Text(line, "parent_tool_use_id") is { } call)
        {
            return call;
        }

        if (!ImportJson.IsTrue(line, "isSidechain"))
        {
            return null;
        }

        if (ImportJson.Text(line, "agentId") is { } agent)
        {
            return agent;
        }

        var uuid = ImportJson.Text(line, "uuid") ?? "";
        var root = ImportJson.Text(line, "parentUuid") is { } parent && _roots.TryGetValue(StartedAgent.KeyOf(parent), out var known) ? known : uuid;
        if (_roots.Count < MostLinks)
        {
            _roots.TryAdd(StartedAgent.KeyOf(uuid), root);
        }

        return root;
    }

    // The call whose prompt is what the sub-agent was given first.
    private (string? Parent, string? Kind) CallerOf(JsonElement line, string session, string agent)
    {
        if (!_threads.TryGetValue(session, out var main))
        {
            return default;
        }

        if (main.Started.FirstOrDefault(call => call.Id == agent) is { } named)
        {
            return (main.Conversation.ToolSpanId(named.Id), named.Kind);
        }

        var caller = ClaudeCodeThread.PromptOf(line) is not { } prompt ? null
            : StartedAgent.KeyOf(prompt) is var key && main.Started.FirstOrDefault(call => !call.IsTaken && call.Prompt == key) is { } found ? found : null;
        if (caller is null)
        {
            return default;
        }

        caller.IsTaken = true;
        return (main.Conversation.ToolSpanId(caller.Id), caller.Kind);
    }
}
