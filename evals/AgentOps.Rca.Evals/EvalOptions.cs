using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Groq;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Evals;

/// <summary>What to evaluate, read from the command line.</summary>
internal sealed record EvalOptions(string Command, string Data, IRcaEngine Engine, string? Json, IReadOnlyList<string> Cases, TextWriter? Log)
{
    /// <summary>The names of the runs of agents that are wanted; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Whether all good runs are on the host before the first analysis.</summary>
    public bool Background { get; init; }

    /// <summary>The run whose report is to be printed, or null.</summary>
    public string? Report { get; init; }

    public const string Usage = """
        usage: [agents | tau | nezha | whoandwhen | claims | normal | robust | imports | all] [options]

          agents        recorded runs of agents on real frameworks: whether an engine names the step and the mechanism, and leaves good runs alone
          tau           customer-service agents under a policy: which step of a failed run is the cause, and verdicts on runs that succeeded
          nezha         at which rank an engine names the service that a fault was put into
          whoandwhen    who made the decisive mistake of a failed run of agents, and in which step; as transcript, and as model calls by OTLP
          claims        how many true sentences about recorded runs the check of a model's claims carries, and how many false ones of each kind
          normal        fault-free minutes against each other: every cause named is a false alarm
          robust        nezha again with logs as OTLP brings them, and with less to go by: no logs, fewer traces, lost spans, one minute, half of the reference, another day's
          imports       recorded runs of agents, written in each format of files that can carry them and taken in again: whether the same cause comes out
          all           agents, tau, nezha, whoandwhen, claims and normal; the default

          --data DIR         where the folders agent-runs, tau, nezha, whoandwhen and claims are (default ../shared/data)
          --engine NAME      trace (default), or llm, which reads GROQ_API_KEY and GROQ_MODEL
          --endpoint URL     another address of the model's API
          --answers DIR      llm: takes a model's answers from DIR/<digest of the prompt>.json, and writes the prompts that have none there as <digest>.prompt.txt
          --json FILE        writes the rows as one array of JSON
          --cases A,B        only these cases: numbers or ranges such as 3 or 0-9, names such as OB-3, systems, or ends of file names
          --only A,B         agents and tau: only the runs of these names, such as maf-model-429 or retail/failed/105
          --background       agents: all good runs are on the host first, as on a host in use
          --report NAME      agents and tau: prints the report of one run, and its spans with their contents
          --verbose          a line a case on the error output
          --help             this text
        """;

    private static readonly string[] Commands = ["agents", "tau", "nezha", "whoandwhen", "claims", "normal", "robust", "imports", "all"];

    /// <summary>Whether the command line asked for this part.</summary>
    public bool Runs(string part) => Command == part || (Command == "all" && part is not ("robust" or "imports"));

    /// <summary>Whether a case is wanted.</summary>
    /// <param name="name">Its name, such as <c>OB-3</c> or a path.</param>
    /// <param name="number">Its place in the data, or null.</param>
    public bool Wants(string name, int? number = null) =>
        Cases.Count == 0 || Cases.Any(part => IsNumber(part, number) || name.EndsWith(part, StringComparison.Ordinal)
            || name.StartsWith(part + "-", StringComparison.Ordinal));

    /// <summary>Whether a run of an agent is wanted.</summary>
    /// <param name="name">Its whole name.</param>
    public bool WantsNamed(string name) => (Only.Count == 0 || Only.Contains(name)) && Wants(name);

    /// <summary>Reads the command line.</summary>
    /// <returns>The options, or what is wrong.</returns>
    public static (EvalOptions? Options, string? Problem) Read(IReadOnlyList<string> arguments)
    {
        var options = new EvalOptions("all", "../shared/data", new TraceRcaEngine(), null, [], null);
        string? endpoint = null;
        string? answers = null;
        var engine = options.Engine.Name;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (Commands.Contains(argument))
            {
                options = options with { Command = argument };
            }
            else if (argument == "--verbose")
            {
                options = options with { Log = Console.Error };
            }
            else if (argument == "--background")
            {
                options = options with { Background = true };
            }
            else if (argument is "--data" or "--engine" or "--endpoint" or "--json" or "--cases" or "--only" or "--report" or "--answers")
            {
                if (i + 1 >= arguments.Count)
                {
                    return (null, $"{argument} needs a value.");
                }

                var value = arguments[++i];
                endpoint = argument == "--endpoint" ? value : endpoint;
                engine = argument == "--engine" ? value : engine;
                answers = argument == "--answers" ? value : answers;
                options = argument switch
                {
                    "--data" => options with { Data = value },
                    "--json" => options with { Json = value },
                    "--cases" => options with { Cases = Names(value) },
                    "--only" => options with { Only = Names(value) },
                    "--report" => options with { Report = value },
                    _ => options,
                };
            }
            else
            {
                return (null, $"'{argument}' is not understood.");
            }
        }

        if (!Directory.Exists(options.Data))
        {
            return (null, $"There is no folder '{options.Data}'; name one with --data.");
        }

        return engine == options.Engine.Name ? (options, null) : Choose(options, engine, endpoint, answers);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : null;

    private static string[] Names(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static (EvalOptions? Options, string? Problem) Choose(EvalOptions options, string engine, string? endpoint, string? answers)
    {
        if (endpoint is not null && !Uri.TryCreate(endpoint, UriKind.Absolute, out _))
        {
            return (null, $"'{endpoint}' is no address.");
        }

        var services = new ServiceCollection();
        var builder = services.AddAgentOpsRca().UseInMemory().UseGroq(groq =>
        {
            groq.Endpoint = endpoint is null ? groq.Endpoint : new Uri(endpoint);
            groq.ApiKey = Variable("GROQ_API_KEY");
            groq.Models = Variable("GROQ_MODEL") is { } list ? GroqOptions.ParseModels(list) : groq.Models;
        });
        if (answers is not null)
        {
            builder.UseChatClient(_ => new AnsweredChatClient(answers));
        }

        var engines = services.BuildServiceProvider().GetServices<IRcaEngine>().ToList();
        var chosen = engines.FindLast(candidate => candidate.Name == engine);
        return chosen is null ? (null, $"There is no engine '{engine}'; there are {string.Join(" and ", engines.Select(known => known.Name))}.")
            : chosen.Unavailable is { } reason ? (null, reason)
            : (options with { Engine = chosen }, null);
    }

    private static bool IsNumber(string part, int? number)
    {
        var ends = part.Split('-');
        return number is not null && ends.Length <= 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            && number >= from && number <= to;
    }
}
