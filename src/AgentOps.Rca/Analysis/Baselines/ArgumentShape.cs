using System.Text.Json;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>Which members the arguments of a tool have and of which kind they are, over some samples.</summary>
public sealed record ArgumentShape
{
    private const int MostMembers = 100;
    private const int MostDepth = 4;

    /// <summary>Of how many calls it was made.</summary>
    public required int Samples { get; init; }

    /// <summary>The members by JSON pointer, the items of arrays under <c>*</c>.</summary>
    public required IReadOnlyDictionary<string, ArgumentMember> Members { get; init; }

    /// <summary>The members of one call's arguments and their kinds; null when the arguments are no object.</summary>
    internal static SortedDictionary<string, string>? MembersOf(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Read(arguments, "", 0, members);
        return members;
    }

    /// <summary>Sums calls up.</summary>
    internal static ArgumentShape Of(IReadOnlyList<SortedDictionary<string, string>> calls)
    {
        var members = new SortedDictionary<string, (int Count, SortedSet<string> Kinds)>(StringComparer.Ordinal);
        foreach (var (path, kind) in calls.SelectMany(call => call))
        {
            if (!members.TryGetValue(path, out var known))
            {
                known = (0, new SortedSet<string>(StringComparer.Ordinal));
            }

            known.Kinds.Add(kind);
            members[path] = (known.Count + 1, known.Kinds);
        }

        return new ArgumentShape
        {
            Samples = calls.Count,
            Members = members.ToDictionary(pair => pair.Key, pair => new ArgumentMember(pair.Value.Count, [.. pair.Value.Kinds])),
        };
    }

    private static void Read(JsonElement value, string path, int depth, SortedDictionary<string, string> members)
    {
        if (depth >= MostDepth)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                Add(member.Value, path + Evidence.JsonPointers.Step(member.Name));
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray().Take(3))
            {
                Add(item, path + "/*");
            }
        }

        void Add(JsonElement below, string at)
        {
            if (members.Count < MostMembers)
            {
                // An item of another kind than its neighbour counts; null is no kind of its own.
                var kind = KindOf(below);
                members[at] = members.TryGetValue(at, out var known) && known != kind ? "mixed" : kind;
                Read(below, at, depth + 1, members);
            }
        }
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>A member of arguments.</summary>
/// <param name="Count">How many calls had it.</param>
/// <param name="Kinds">Its kinds: <c>string</c>, <c>number</c>, <c>boolean</c>, <c>object</c>, <c>array</c>, <c>null</c>, or <c>mixed</c>.</param>
public sealed record ArgumentMember(int Count, IReadOnlyList<string> Kinds);
