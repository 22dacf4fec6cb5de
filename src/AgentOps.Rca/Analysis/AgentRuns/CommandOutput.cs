using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What a command gave back: its exit code, where the result tells one, and what it printed.</summary>
/// <param name="ExitCode">The exit code, or null.</param>
/// <param name="Text">What it printed, without what its runner put before it.</param>
/// <param name="Pointer">Where the exit code stands in the result.</param>
internal sealed partial record CommandOutput(int? ExitCode, string Text, string Pointer)
{
    private static readonly string[] Codes = ["exit_code", "exitCode", "exitcode", "returncode", "return_code", "returnCode"];
    private static readonly string[] Printed = ["output", "stdout", "stderr", "aggregated_output", "combined_output"];

    /// <summary>What this result tells.</summary>
    public static CommandOutput Of(Payload payload)
    {
        if (payload.Value.ValueKind == JsonValueKind.Object)
        {
            var (code, pointer) = CodeIn(payload.Value, "");
            if (code is null && payload.Value.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
            {
                (code, pointer) = CodeIn(metadata, "/metadata");
            }

            var printed = Array.ConvertAll(Printed, name => payload.Value.FilledTextOf(name)).OfType<string>().ToList();
            return new CommandOutput(code, string.Join('\n', printed), pointer);
        }

        var text = payload.Text;
        var header = Header().Match(text);
        if (header.Success)
        {
            return new CommandOutput(NumberIn(header), text[header.Length..], "");
        }

        var end = AtEnd().Match(text);
        return end.Success ? new CommandOutput(NumberIn(end), text[..end.Index], "") : new CommandOutput(null, text, "");
    }

    private static (int? Code, string Pointer) CodeIn(JsonElement value, string pointer)
    {
        foreach (var name in Codes)
        {
            if (value.TryGetProperty(name, out var member) && JsonNumbers.TryGetWhole(member, out int code))
            {
                return (code, pointer + JsonPointers.Step(name));
            }
        }

        return (null, "");
    }

    private static int? NumberIn(Match match) => int.TryParse(match.Groups["code"].ValueSpan, out var code) ? code : null;

    // "Exit code 1", "Exit code: 1 / Wall time: 1.2 seconds / Output:", "Chunk ID: … / Process exited with code 1 / … / Output:"
    [GeneratedRegex(@"^\s*(?:Error:\s*)?(?:(?:Chunk ID|Wall time)[^\n]*\n){0,2}(?:(?:Command |Process )?(?:failed|exited) with (?:exit )?|exit[ _]?)(?:code|status)\b\s*:?\s*(?<code>-?\d{1,10})\.?[ \t]*(?:\n|$)(?:(?:Wall time|Original token count|Total output lines|Chunk ID)[^\n]*(?:\n|$)){0,4}(?:Output:[ \t]*(?:\n|$))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?:^|\n)[ \t]*[\[(<]?(?:(?:exit|return)[ _]?(?:code|status)\s*[:=]|(?:command |process )?(?:finished|exited|failed|completed) with (?:exit )?(?:code|status))\s*(?<code>-?\d{1,10})[\])>.]?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AtEnd();
}
