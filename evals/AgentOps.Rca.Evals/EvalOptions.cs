using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;

namespace AgentOps.Rca.Evals;

/// <summary>What to evaluate, read from the command line.</summary>
internal sealed record EvalOptions(string Command, string Data, IRcaEngine Engine, string? Json, IReadOnlyList<string> Cases, TextWriter? Log)
{
    public const string Usage =
        "usage: nezha | whoandwhen | normal | all  [--data DIR] [--engine trace] [--json FILE] [--cases PART,PART…] [--verbose]";

    public bool Wants(string name) => Cases.Count == 0 || Cases.Any(part => name.EndsWith(part, StringComparison.Ordinal));

    /// <summary>Reads the command line.</summary>
    /// <returns>The options, or what is wrong.</returns>
    public static (EvalOptions? Options, string? Problem) Read(string[] arguments)
    {
        var options = new EvalOptions("all", "../shared/data", new TraceRcaEngine(), null, [], null);
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is "nezha" or "whoandwhen" or "normal" or "all")
            {
                options = options with { Command = argument };
            }
            else if (argument == "--verbose")
            {
                options = options with { Log = Console.Error };
            }
            else if (argument is "--data" or "--engine" or "--json" or "--cases" && i + 1 < arguments.Length)
            {
                var value = arguments[++i];
                if (argument == "--engine" && value != options.Engine.Name)
                {
                    return (null, $"There is no engine '{value}' here; there is: {options.Engine.Name}.");
                }

                options = argument switch
                {
                    "--data" => options with { Data = value },
                    "--json" => options with { Json = value },
                    "--cases" => options with { Cases = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                    _ => options,
                };
            }
            else
            {
                return (null, $"'{argument}' is not understood.");
            }
        }

        return Directory.Exists(options.Data) ? (options, null) : (null, $"There is no folder '{options.Data}'; name one with --data.");
    }
}
