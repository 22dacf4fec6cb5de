using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>
/// What the recorders of one process know of an activity that will be recorded. A call that an activity and a wrapper both see is recorded
/// once, by the wrapper, which has its content: the activity is covered. So is one around several wrapped calls of a model, being their sum.
/// </summary>
internal sealed class RecordedActivity
{
    private const string Property = "agentops.recorded";

    private readonly CallPlace? _within;
    private readonly FunctionInvocationContext? _invocation = FunctionInvokingChatClient.CurrentContext;
    private volatile bool _isCovered;

    private RecordedActivity(CallPlace? within) => _within = within;

    /// <summary>Says that a span of this activity will be recorded, so that calls within it may name it as their parent.</summary>
    /// <param name="activity">An activity that has begun.</param>
    /// <param name="within">The wrapped call in which it began, or null.</param>
    public static void Mark(Activity activity, CallPlace? within = null) => activity.SetCustomProperty(Property, new RecordedActivity(within));

    /// <summary>Says that the activity is a call's own, whose span the recorder writes; before it begins.</summary>
    public static void MarkOwn(Activity activity) => activity.SetCustomProperty(Property, new RecordedActivity(within: null) { _isCovered = true });

    /// <summary>Whether a span of this activity will be recorded, or is covered by that of a wrapped call.</summary>
    public static bool IsMarked(Activity activity) => Of(activity) is not null;

    /// <summary>Covers the activity when it is the call that begins now, or around it without any other between.</summary>
    public static bool TryCover(Activity activity, CallKind kind)
    {
        // What a function that the model called does by itself is not part of the activity around that model's calls.
        if (Of(activity) is { } known && kind.Matches(activity)
            && (kind.Operation != CallKind.Chat || ReferenceEquals(known._invocation, FunctionInvokingChatClient.CurrentContext)))
        {
            known._isCovered = true;
        }

        return IsCovered(activity);
    }

    /// <summary>Whether a wrapped call is recorded instead of this activity.</summary>
    public static bool IsCovered(Activity activity) => Of(activity) is { } known && (known._isCovered || known.IsInsideOfItself(activity));

    /// <summary>The id of the span within which the activity's span belongs, as 16 hexadecimal digits; null for a root.</summary>
    public static string? ParentOf(Activity activity)
    {
        var place = activity;
        while (place.Parent is { } parent && IsCovered(parent))
        {
            // The call that is recorded instead, where this one began in it; else what is around both.
            if (IdIn(Of(place)?._within, parent, activity) is { } inCall)
            {
                return inCall;
            }

            if (Of(parent) is { _isCovered: false, _within: { } around } && SpanIdOf(around, activity) is { } outer)
            {
                return outer;
            }

            place = parent;
        }

        return place.ParentSpanId == default ? null : place.ParentSpanId.ToHexString();
    }

    private static string? IdIn(CallPlace? call, Activity parent, Activity activity) => call?.Activity == parent ? SpanIdOf(call, activity) : null;

    private static string? SpanIdOf(CallPlace? call, Activity activity) =>
        call?.SpanId.Split(':') is [var trace, { Length: 16 } span] && trace == activity.TraceId.ToHexString() ? span : null;

    // An activity that a client makes below its wrapper, for the same call.
    private bool IsInsideOfItself(Activity activity) =>
        _within is { Kind: { } kind } && _within.Activity == activity.Parent && kind.IsSingle && kind.Matches(activity);

    private static RecordedActivity? Of(Activity activity) => activity.GetCustomProperty(Property) as RecordedActivity;
}

/// <summary>What kind of call is recorded, in the words of OpenTelemetry's conventions.</summary>
/// <param name="Operation">The value of <c>gen_ai.operation.name</c>.</param>
/// <param name="Name">The tool or the agent; null for a model, whose answer may name another one.</param>
/// <param name="IsSingle">Whether it is one call, and not a sum of several.</param>
internal sealed record CallKind(string Operation, string? Name = null, bool IsSingle = true)
{
    public const string Chat = "chat";
    public const string Tool = "execute_tool";
    public const string Agent = "invoke_agent";

    /// <summary>Whether an activity says that it is such a call.</summary>
    public bool Matches(Activity activity) =>
        activity.GetTagItem("gen_ai.operation.name") as string == Operation
        && (Name is null || activity.GetTagItem(Operation == Tool ? "gen_ai.tool.name" : "gen_ai.agent.name") as string == Name);
}
