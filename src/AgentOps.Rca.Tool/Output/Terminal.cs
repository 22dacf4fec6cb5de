using Spectre.Console;

namespace AgentOps.Rca.Tool.Output;

/// <summary>What people see. Colours are left out with <c>NO_COLOR</c>, and where nobody looks.</summary>
internal static class Terminal
{
    private static bool WantsNoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>The standard output.</summary>
    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>The standard error, for what is no answer.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var plain = WantsNoColor || isRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        if (isRedirected)
        {
            // Files and pipes have no width to wrap at.
            console.Profile.Width = 10_000;
        }

        return console;
    }

    public static void Heading(this IAnsiConsole console, string text) => console.Write(new Paragraph(text, new Style(decoration: Decoration.Bold)).Append("\n"));

    /// <summary>A line of a check.</summary>
    public static void Check(this IAnsiConsole console, string text, bool isOk) => console.Write(new Paragraph(text, isOk ? Style.Plain : new Style(Color.Red)).Append("\n"));

    public static void Text(this IAnsiConsole console, string text) => console.Write(new Paragraph(text).Append("\n"));

    public static void Text(this IAnsiConsole console, string text, Style style) => console.Write(new Paragraph(text, style).Append("\n"));
}
