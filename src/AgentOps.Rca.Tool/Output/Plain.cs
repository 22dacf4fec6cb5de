using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tool.Output;

/// <summary>Text that others wrote, as a terminal may show it: nothing in it moves the cursor, colours anything or begins a line.</summary>
internal static class Plain
{
    public static string Line(string text) => UntrustedText.Clean(text);

    public static string Line(string text, int most) => UntrustedText.Cut(UntrustedText.Clean(text), most);
}
