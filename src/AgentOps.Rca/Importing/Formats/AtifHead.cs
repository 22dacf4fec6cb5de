using System.Text.Json;
using AgentOps.Rca.Importing.Steps;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>What an ATIF document says of the whole trajectory.</summary>
internal sealed class AtifHead
{
    public string? Session { get; private set; }

    public string? Trajectory { get; private set; }

    public string? Agent { get; private set; }

    public string? Version { get; private set; }

    public string? Model { get; private set; }

    public string? Tools { get; private set; }

    /// <summary>The first time that a step has, or null.</summary>
    public ulong? First { get; private set; }

    /// <summary>What tells the run from others; null when the document says nothing.</summary>
    public string? Run => Session is null && Trajectory is null ? null : $"{Session}\n{Trajectory}";

    public static AtifHead Of(JsonElement document)
    {
        var head = new AtifHead();
        foreach (var member in document.EnumerateObject())
        {
            var name = ImportJson.NameOf(member);
            if (name == "steps" && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var step in member.Value.EnumerateArray())
                {
                    head.Read(name, 0, step);
                }
            }
            else
            {
                head.Read(name, -1, member.Value);
            }
        }

        return head;
    }

    public void Read(string name, int index, JsonElement value)
    {
        switch (name)
        {
            case "session_id" when value.ValueKind == JsonValueKind.String:
                Session = ImportJson.TextOf(value);
                break;
            case "trajectory_id" when value.ValueKind == JsonValueKind.String:
                Trajectory = ImportJson.TextOf(value);
                break;
            case "agent":
                Agent = ImportJson.Text(value, "name");
                Version = ImportJson.Text(value, "version");
                Model = ImportJson.Text(value, "model_name");
                Tools = ImportJson.Find(value, "tool_definitions") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? ImportJson.RawOf(tools) : null;
                break;
            case "steps" when index >= 0 && First is null:
                First = RunClock.Read(ImportJson.Find(value, "timestamp"));
                break;
        }
    }
}
