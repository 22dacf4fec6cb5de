using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Trajectories of SWE-agent (<c>.traj</c>): each step is an answer of the model and the command that it runs, by whose name it is called; of several,
/// by that of the first that does more than prepare the others. They have no times of day; how long a command ran is known in newer ones.
/// </summary>
internal sealed class SweAgentFile : IFileFormat
{
    private const string Shell = "bash";

    public string Name => ImportFormats.SweAgent;

    public bool Knows(FileShape shape) => !shape.IsArray && !shape.IsLines && shape.Any(static value => value.Has("trajectory[]") && (value.Has("history") || value.Has("info") || value.Has("environment")));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var run = ImportIds.TraceOf(ImportFormats.SweAgent, await content.DigestAsync(cancellationToken).ConfigureAwait(false));
        var conversation = new Conversation(sink, StepRecord.Source("swe-agent"), run, "", new RunClock()) { Agent = "swe-agent" };
        await ReadHeadAsync(content, conversation, cancellationToken).ConfigureAwait(false);
        var count = 0L;
        await foreach (var record in content.MembersAsync(static name => name == "trajectory", cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else if (record.Value.ValueKind != JsonValueKind.Object)
            {
                sink.LeaveOut("A step is no object.", record.Place);
            }
            else
            {
                await TakeAsync(conversation, record.Value, count, record.Place, cancellationToken).ConfigureAwait(false);
            }
        }

        await conversation.EndAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    // What the model was given first stands in the history only, and how the run ended behind the steps.
    private static async ValueTask ReadHeadAsync(ImportContent content, Conversation conversation, CancellationToken cancellationToken)
    {
        var isBefore = true;
        await foreach (var record in content.MembersAsync(static name => name is "history" or "info" or "environment", cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is not null)
            {
                continue;
            }

            if (record.Name == "history" && record.Index >= 0)
            {
                var role = ImportJson.Text(record.Value, "role");
                isBefore = isBefore && role is "system" or "user";
                if (isBefore && !ImportJson.IsTrue(record.Value, "is_demo"))
                {
                    conversation.Give(ImportJson.RawOf(record.Value), role == "user", null, record.Place);
                }
            }
            else if (record.Name == "environment" && record.Value.ValueKind == JsonValueKind.String)
            {
                conversation.About.Add(new("swe_agent.environment", OtlpValue.Of(ImportJson.TextOf(record.Value))));
            }
            else if (record.Name == "info")
            {
                ReadInfo(record.Value, conversation);
            }
        }
    }

    private static void ReadInfo(JsonElement info, Conversation conversation)
    {
        if (ImportJson.Text(info, "exit_status") is { } status)
        {
            conversation.About.Add(new("swe_agent.exit_status", OtlpValue.Of(status)));
            conversation.FailedAfter = status == "submitted" ? null : $"The run ended with the status '{OtlpText.Shorten(status, 200)}'.";
        }

        // The sums of the run: no step says what it used itself.
        if (ImportJson.Object(info, "model_stats") is { } used)
        {
            Add("gen_ai.usage.input_tokens", ImportJson.Count(used, "tokens_sent"));
            Add("gen_ai.usage.output_tokens", ImportJson.Count(used, "tokens_received"));
        }

        void Add(string name, long? count)
        {
            if (count is { } number)
            {
                conversation.About.Add(new(name, OtlpValue.Of(number)));
            }
        }
    }

    private static async ValueTask TakeAsync(Conversation conversation, JsonElement step, long number, FilePlace place, CancellationToken cancellationToken)
    {
        var action = ImportJson.Text(step, "action")?.Trim();
        var response = ImportJson.Find(step, "response") ?? ImportJson.Find(step, "thought");
        var id = string.Create(CultureInfo.InvariantCulture, $"step {number}");
        await conversation.SayAsync(
            new ModelTurn(place)
            {
                Message = response is { } said ? $$"""{"role":"assistant","content":{{ImportJson.RawOf(said)}}}""" : null,
                IsAnswer = string.IsNullOrEmpty(action),
            },
            cancellationToken).ConfigureAwait(false);
        var observation = ImportJson.Find(step, "observation");
        if (!string.IsNullOrEmpty(action))
        {
            var tool = ShellScript.CommandOf(action) ?? Shell;
            await conversation.AskAsync(new ToolAsk(id, tool, $$"""{"command":{{ImportJson.Quote(action)}}}""", null, place) { IsNamed = false }, cancellationToken).ConfigureAwait(false);
            await conversation.AnswerAsync(
                id, new ToolAnswer(observation is { } got ? ImportJson.ContentOf(got) : null, null) { Seconds = ImportJson.Number(step, "execution_time") }, place, cancellationToken).ConfigureAwait(false);
        }

        if (observation is { } told)
        {
            conversation.Give($$"""{"role":"user","content":{{ImportJson.RawOf(told)}}}""", isRequest: false, null, place);
        }
    }
}
