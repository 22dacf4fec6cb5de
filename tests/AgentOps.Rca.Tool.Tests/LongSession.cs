using System.Globalization;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>
/// A session of Claude Code of any length, always the same: results of tools of 1,000 characters in the middle and up to 60,000, each once in the
/// message and once beside it as the program writes it, and one call in 997 that failed.
/// </summary>
internal static class LongSession
{
    private static readonly string[] Tools = ["Bash", "Read", "Grep", "Edit", "WebFetch"];
    private static readonly DateTime First = new(2026, 1, 2, 3, 0, 0, DateTimeKind.Utc);

    public static void Write(TextWriter file, long length)
    {
        var random = new Random(7);
        var words = Words(random);
        var (written, lines) = (0L, 0);
        Line("user", """{"role":"user","content":"Mend the build, and find out why the orders are late."}""", "");
        for (var call = 1; written < length; call++)
        {
            var failed = call % 997 == 3;
            var result = failed ? $"make: *** [part-{call}] Error 2" : Some(Math.Min(60_000, (int)Math.Exp(6.9 + (1.3 * Normal()))));
            Line(
                "assistant",
                $$$"""{"id":"m{{{call}}}","role":"assistant","model":"claude-x","content":[{"type":"text","text":"{{{Some(random.Next(20, 300))}}}"},{"type":"tool_use","id":"t{{{call}}}","name":"{{{Tools[call % Tools.Length]}}}","input":{"command":"make part-{{{call}}}"}}],"stop_reason":"tool_use","usage":{"input_tokens":{{{call}}},"output_tokens":20}}""",
                "");
            Line(
                "user",
                $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t{{call}}","content":"{{result}}","is_error":{{(failed ? "true" : "false")}}}]}""",
                $$""","toolUseResult":{"stdout":"{{result}}","stderr":""}""");
        }

        void Line(string type, string message, string rest)
        {
            var line = $$"""{"type":"{{type}}","sessionId":"s","uuid":"u{{lines}}","parentUuid":{{(lines == 0 ? "null" : $"\"u{lines - 1}\"")}},"isSidechain":false,"version":"2.0.1","timestamp":"{{First.AddSeconds(lines).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}}","message":{{message}}{{rest}}}""";
            file.Write(line);
            file.Write('\n');
            written += line.Length + 1;
            lines++;
        }

        string Some(int characters) => words.Substring(random.Next(words.Length - characters), characters);

        // Box and Muller.
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static string Words(Random random)
    {
        var text = new System.Text.StringBuilder();
        while (text.Length < 4_000_000)
        {
            text.Append((char)random.Next('a', 'z' + 1), 1).Append(random.Next(1_000_000).ToString("x", CultureInfo.InvariantCulture)).Append(' ');
        }

        return text.ToString();
    }
}
