using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Evals;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Claims;
using AgentOps.Rca.Evals.Imports;
using AgentOps.Rca.Evals.Nezha;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Evals.Tau;
using AgentOps.Rca.Evals.WhoAndWhen;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(EvalOptions.Usage);
    return 0;
}

var (options, problem) = EvalOptions.Read(args);
if (options is null)
{
    Console.Error.WriteLine($"{problem}\n\n{EvalOptions.Usage}");
    return 2;
}

List<Row> rows = [];
try
{
    if (options.Report is { } name)
    {
        if (!await AgentRunsEval.PrintAsync(options, name) && !await TauEval.PrintAsync(options, name))
        {
            Console.Error.WriteLine($"There is no run '{name}'.");
            return 1;
        }

        return 0;
    }

    if (options.Command == "imports")
    {
        await ImportsEval.RunAsync(options, Console.Out);
        return 0;
    }

    if (options.Runs("agents"))
    {
        rows.AddRange(await AgentRunsEval.RunAsync(options));
    }

    if (options.Runs("tau"))
    {
        rows.AddRange(await TauEval.RunAsync(options));
    }

    if (options.Runs("nezha"))
    {
        rows.AddRange(await NezhaEval.RunAsync(options));
    }

    if (options.Runs("whoandwhen"))
    {
        rows.AddRange(await WhoAndWhenEval.RunAsync(options));
    }

    if (options.Runs("claims"))
    {
        rows.AddRange(await ClaimsEval.RunAsync(options));
    }

    if (options.Runs("normal"))
    {
        rows.AddRange(await NezhaEval.RunNormalAsync(options));
    }

    if (options.Runs("robust"))
    {
        rows.AddRange(await NezhaRobustness.RunAsync(options));
    }
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or FormatException)
{
    Console.Error.WriteLine($"The data in '{options.Data}' cannot be read: {exception.Message}");
    return 1;
}

if (rows.Count == 0)
{
    Console.Error.WriteLine("No case was evaluated.");
    return 1;
}

Table.Print(rows, Console.Out);
Console.Out.Write(ClaimsEval.Summary(rows));
Console.Out.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"\nPeak of the whole process: {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:0} MiB resident, the data included. MiB above is the managed heap while a case was analysed."));
if (options.Json is { } path)
{
    File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(rows, EvalsJsonContext.Default.ListRow));
}

return 0;
