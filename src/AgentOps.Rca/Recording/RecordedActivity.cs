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
    private readonly FunctionInvocationContext? _invocation;
    private volatile bool _isCovered;

    private RecordedActivity(CallPlace? within = null, FunctionInvocationContext? invocation = null) => (_within, _invocation) = (within, invocation);

    /// <summary>Keeps where an activity that will be recorded begins. Most begin nowhere in particular, and a property of an activity is dear.</summary>
    /// <param name="activity">An activity that begins.</param>
    /// <param name="within">The wrapped call in which it begins, or null.</param>
    public static void MarkPlace(Activity activity, CallPlace? within)
    {
        var invocation = FunctionInvokingChatClient.CurrentContext;
        if ((within is not null || invocation is not null) && Of(activity) is null)
        {
            Keep(activity, new RecordedActivity(within, invocation));
        }
    }

    /// <summary>Says that the activity is a call's own, whose span the recorder writes; before it begins.</summary>
    public static void MarkOwn(Activity activity) => Keep(activity, new RecordedActivity { _isCovered = true });

    /// <summary>Whether a span of this activity will be recorded, or is covered by that of a wrapped call.</summary>
    public static bool IsRecorded(Activity activity) => Of(activity) is not null || ActivityQueue.WillTake(activity);

    /// <summary>Covers the activity when it is the call that begins now, or around it without any other between.</summary>
    public static bool TryCover(Activity activity, CallKind kind)
    {
        // What a function that the model called does by itself is not part of the activity around that model's calls.
        var known = Of(activity);
        if (kind.Matches(activity) && (known is not null || ActivityQueue.WillTake(activity))
            && (kind.Operation != CallKind.Chat || ReferenceEquals(known?._invocation, FunctionInvokingChatClient.CurrentContext)))
        {
            known ??= Keep(activity, new RecordedActivity());
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

    private static RecordedActivity Keep(Activity activity, RecordedActivity known)
    {
        activity.SetCustomProperty(Property, known);
        return known;
    }

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
