using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Calls of tools that did something, with what they were given.</summary>
internal static class Changes
{
    private const int MostCalls = 400;
    private const int MostLookups = 20;
    private const int MostText = 20_000;

    // To make a reservation is to reserve.
    private static readonly string[] Doing = ["make", "perform", "process", "finalize", "initiate", "complete", "checkout"];

    /// <summary>The calls that a model asked for, that went through and whose arguments were recorded, commands in a shell aside.</summary>
    public static IEnumerable<ToolStep> CallsIn(AgentRun run) =>
        run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 }).Take(MostCalls);

    /// <summary>Those of them that change something.</summary>
    public static IEnumerable<ToolStep> In(AgentRun run) => CallsIn(run).Where(static tool => !Reads(tool.Tool) && (ToolWords.Writes(tool.Tool) || Makes(tool.Tool)));

    /// <summary>Whether a tool makes what its name says, such as a reservation.</summary>
    public static bool Makes(string tool) => ToolWords.Of(tool) is [var first, ..] && Array.IndexOf(Doing, first) >= 0;

    /// <summary>Whether a tool changes something, by a name in any language that is read here.</summary>
    public static bool Act(string tool) => !Reads(tool) && (ToolWords.Writes(tool) || Makes(tool)
        || ToolWords.BeginsWithDeed(tool));

    /// <summary>Whether an assistant had said something in words before a call was asked for, which the user may have agreed to.</summary>
    public static bool HasProposed(AgentRun run, ToolStep call, Predicate<string> says, ToolStep? since = null) => run.Models.Where(model => model.Number <= call.Asker!.Number && (since is null || model.Number > since.Number))
        .SelectMany(model => model.Input.Where(static message => message.Role == "assistant").SelectMany(static message => message.Texts).Concat(model == call.Asker ? [] : model.Said))
        .Any(text => says(text.Text));

    /// <summary>Whether a tool only looks something up, though its name may begin with a word that is a verb, too: <c>mail_search</c> mails nothing.</summary>
    public static bool Reads(string tool) => ToolWords.LooksUp(tool)
        || ToolWords.Of(tool) is [.., "search" or "find" or "lookup" or "query" or "read" or "get" or "fetch"] or ["mail" or "email" or "order" or "file" or "post" or "issue" or "book" or "store" or "message", "list"];

    /// <summary>The texts and numbers that a call was given, however deep.</summary>
    public static IEnumerable<ResultValue> GivenTo(ToolStep call) =>
        ResultValue.In(call, call.Arguments!.Value).Where(static value => value.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number);

    /// <summary>What users had said when a model asked for a call; what somebody pasted is left out.</summary>
    public static List<Passage> SaidBefore(AgentRun run, ToolStep call) => [.. run.SaidByUsers(call.Asker).Distinct().Where(static text => text.Text.Length <= MostText)];

    /// <summary>The calls that had looked something up when a model asked for a call, the newest first.</summary>
    public static IEnumerable<ToolStep> LookupsBefore(AgentRun run, ToolStep call) => run.Tools
        .Where(tool => tool is { Failure: null, Result.Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } && tool.Number < call.Asker!.Number && (Reads(tool.Tool) || !ToolWords.Writes(tool.Tool))).Reverse().Take(MostLookups);

    /// <summary>What users said since a call and before another one was asked for.</summary>
    public static bool HasUserSpoken(AgentRun run, ToolStep since, ToolStep until) =>
        run.Models.Where(model => model.Number > since.Number && model.Number <= until.Asker!.Number).SelectMany(static model => model.Input).Any(static message => message.Role == "user" && message.Texts.Any(static text => text.Text.Trim().Length > 0));
}
