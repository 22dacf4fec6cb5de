using System.Text;
using AgentOps.Rca.Reading;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>What a model was given and said, and what it could call, as a person reads it.</summary>
internal static class Conversation
{
    public static string Of(RunStepView step)
    {
        var text = new StringBuilder();
        if (step.EarlierMessages > 0)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"({step.EarlierMessages} messages that earlier steps had)\n");
        }

        foreach (var message in step.Messages)
        {
            text.Append(message.Role).Append(message.Said ? " said: " : ": ").AppendJoin('\n', message.Texts.Select(static one => one.Text)).Append('\n');
            foreach (var call in message.Calls)
            {
                text.Append("  calls ").Append(call.Name).Append(' ').Append(call.Arguments?.Text).Append('\n');
            }

            foreach (var answer in message.Answers)
            {
                text.Append("  got ").Append(answer.Name ?? answer.CallId).Append(": ").Append(answer.Result?.Text).Append('\n');
            }
        }

        return text.ToString();
    }

    public static string Of(IReadOnlyList<OfferedToolView> tools)
    {
        var text = new StringBuilder();
        foreach (var tool in tools)
        {
            text.Append(tool.Name).Append(": ").Append(tool.Description).Append('\n').Append(tool.Schema?.GetRawText()).Append('\n');
        }

        return text.ToString();
    }
}
