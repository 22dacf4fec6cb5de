using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>All that a run had seen before a step: instructions, messages of users, definitions of tools, and what tools gave back.</summary>
internal sealed class KnownText
{
    private readonly List<string> _texts = [];

    /// <summary>Whether nothing that the run saw is missing: every model call's messages and every earlier result were recorded.</summary>
    public bool IsWhole { get; private set; } = true;

    public static KnownText Before(AgentRun run, AgentStep step)
    {
        var known = new KnownText();
        known._texts.AddRange(run.Instructions.Select(text => text.Text));
        foreach (var earlier in run.Steps)
        {
            switch (earlier)
            {
                // What a model was given before it asked, its own call among them, is known to it.
                case ModelStep model when model.Number <= step.Number || (step is ToolStep { Asker: { } asker } && model == asker):
                    known.IsWhole &= model.HasContent;
                    known._texts.AddRange(model.Input.Where(message => message.Role is not "assistant").SelectMany(message => message.Texts).Select(text => text.Text));
                    known._texts.AddRange(model.Input.SelectMany(message => message.Answers).Select(answer => answer.Result.Text));
                    known._texts.AddRange(model.Offered.Values.Select(tool => $"{tool.Name} {tool.Description} {(tool.Schema.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : tool.Schema.GetRawText())}"));
                    break;
                case ToolStep tool when tool.Number < step.Number && tool != step:
                    known.IsWhole &= tool.Result is not null;
                    known._texts.Add(tool.Result?.Text ?? "");
                    known._texts.Add(tool.Told?.Text ?? "");
                    break;
                case RunStep above when above.Number < step.Number:
                    known._texts.AddRange(above.Request.Where(IsGiven).SelectMany(message => message.Texts).Select(text => text.Text));
                    break;
            }
        }

        return known;
    }

    // Of a run that is recorded with all its messages, the answers are among them, and those it did not know before it gave them.
    private static bool IsGiven(RunMessage message) => Evidence.MethodVersion.IsBefore(5) || message.Role is not "assistant";

    public bool Holds(string words) => _texts.Exists(text => text.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it occurs when nothing but letters and digits is looked at, in either case: as a bank account or a phone number is written in groups.</summary>
    public bool HoldsInGroups(string value)
    {
        const int fewest = 7;
        var bare = Bare(value);
        return bare.Length >= fewest && bare.Any(char.IsAsciiDigit) && _texts.Exists(text => HoldsBare(text, bare));
    }

    // A run's texts may be hundreds of megabytes, of which no second form is made.
    private static bool HoldsBare(string text, string bare)
    {
        for (var start = 0; start < text.Length; start++)
        {
            var (at, matched) = (start, 0);
            while (at < text.Length && matched < bare.Length && (!char.IsAsciiLetterOrDigit(text[at]) ? matched > 0 : (text[at] | ' ') == (bare[matched] | ' ')))
            {
                matched += char.IsAsciiLetterOrDigit(text[at]) ? 1 : 0;
                at++;
            }

            if (matched == bare.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static string Bare(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit));

    /// <summary>The numbers that occur, as they are written.</summary>
    public IEnumerable<string> Texts => _texts;
}
