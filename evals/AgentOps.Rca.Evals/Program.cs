using System.Text.Json;
using AgentOps.Rca.Evals;
using AgentOps.Rca.Evals.Nezha;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Evals.WhoAndWhen;

var (options, problem) = EvalOptions.Read(args);
if (options is null)
{
    Console.Error.WriteLine($"{problem}\n{EvalOptions.Usage}");
    return 2;
}

List<Row> rows = [];
if (options.Command is "nezha" or "all")
{
    rows.AddRange(await NezhaEval.RunAsync(options));
}

if (options.Command is "whoandwhen" or "all")
{
    rows.AddRange(await WhoAndWhenEval.RunAsync(options));
}

if (options.Command is "normal" or "all")
{
    rows.AddRange(await NezhaEval.RunNormalAsync(options));
}

Table.Print(rows, Console.Out);
if (options.Json is { } path)
{
    File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(rows, EvalsJsonContext.Default.ListRow));
}

return 0;
