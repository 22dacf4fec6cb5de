using System.CommandLine;

namespace AgentOps.Rca.Tool.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class CommonOptions
{
    public static Argument<string[]> Files(ArgumentArity arity) => new("FILE")
    {
        Description = "A trace file of any known format, told by its content; gzip and zip are unpacked, - is the standard input.",
        Arity = arity,
    };

    public static Argument<string> File(string name, string description) => new(name) { Description = description };

    public static Option<bool> Json() => new("--json") { Description = "Prints JSON." };

    public static Option<string> Engine() => new("--engine") { Description = "auto or trace.", DefaultValueFactory = static _ => "auto" };
}
