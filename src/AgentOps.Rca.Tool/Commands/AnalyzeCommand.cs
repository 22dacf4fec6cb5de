using System.CommandLine;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using AgentOps.Rca.Tool.Reports;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>analyze FILE…</c>: the cause, what it rests on with places in that file, and what to do.</summary>
internal static class AnalyzeCommand
{
    private const string Identified = "identified";

    public static Command Create()
    {
        var files = CommonOptions.Files(ArgumentArity.OneOrMore);
        var reference = new Option<string?>("--reference") { Description = "A file with a good run to compare with." };
        var engine = CommonOptions.Engine();
        var together = new Option<bool>("--together") { Description = "Looks at all runs of a file as one incident, not at each by itself." };
        var failOn = new Option<string?>("--fail-on") { Description = "identified: ends with 1 when a cause was found." };
        failOn.AcceptOnlyFromAmong(Identified);
        var (json, markdown, sarif) = (CommonOptions.Json(), new Option<bool>("--markdown") { Description = "Prints a post-mortem in Markdown." },
            new Option<bool>("--sarif") { Description = "Prints SARIF 2.1.0, for code hosts." });
        var command = new Command("analyze", "Finds the cause of a failed run in trace files.") { files, reference, engine, together, failOn, json, markdown, sarif };
        command.Validators.Add(result =>
        {
            if (new Option[] { json, markdown, sarif }.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("One of --json, --markdown and --sarif can be printed at a time.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var form = parsed.GetValue(json) ? Form.Json : parsed.GetValue(markdown) ? Form.Markdown : parsed.GetValue(sarif) ? Form.Sarif : Form.People;
            var (found, isWhole) = await RunAsync(parsed.GetValue(files)!, parsed.GetValue(reference), parsed.GetValue(engine)!, parsed.GetValue(together), form, cancellationToken).ConfigureAwait(false);
            return !isWhole ? ExitCode.Trouble : parsed.GetValue(failOn) == Identified && found ? ExitCode.No : ExitCode.Done;
        });
        return command;
    }

    // Whether a cause was found, and whether all files were read: one among several that cannot be read costs nobody what the others tell.
    private static async Task<(bool Found, bool IsWhole)> RunAsync(string[] names, string? referenceName, string engine, bool together, Form form, CancellationToken cancellationToken)
    {
        if (names.Count(static name => name == "-") + (referenceName == "-" ? names.Length : 0) > 1)
        {
            throw new ToolException("The standard input can be read once.");
        }

        using var progress = new ProgressLine(isWanted: true);
        List<AnalyzedFile> analyzed = [];
        List<UnreadFile> unread = [];
        foreach (var name in names)
        {
            try
            {
                analyzed.AddRange(await AnalyzeAsync(name, referenceName, engine, together, form, progress, cancellationToken).ConfigureAwait(false));
            }
            catch (UnreadableFileException failure) when (names.Length > 1)
            {
                unread.Add(new UnreadFile(Plain.Line(name), failure.Message));
            }
        }

        progress.Dispose();
        unread.ForEach(static file => Console.Error.WriteLine(file.Reason));

        switch (form)
        {
            case Form.Json:
                AnalysisJson.Write(analyzed, unread, Console.OpenStandardOutput());
                break;
            case Form.Sarif:
                Sarif.Write(analyzed, unread, Console.OpenStandardOutput());
                break;
            case Form.Markdown:
                analyzed.ForEach(static one => Console.Out.WriteLine(one.Markdown));
                break;
            default:
                foreach (var file in analyzed.GroupBy(static one => one.File))
                {
                    ReportPrinter.Print(Terminal.Out, file.Key, [.. file]);
                }

                break;
        }

        return (analyzed.Exists(static one => one.Report.Verdict == RcaVerdict.Identified), unread.Count == 0);
    }

    // Each file by itself: what one tells is no reference for another.
    private static async Task<List<AnalyzedFile>> AnalyzeAsync(
        string name, string? referenceName, string engine, bool together, Form form, ProgressLine progress, CancellationToken cancellationToken)
    {
        var store = await TemporaryStore.ForAsync([name, referenceName], cancellationToken).ConfigureAwait(false);
        await using var storeDisposal = store.ConfigureAwait(false);
        var services = await ToolServices.CreateAsync(store, add: null, cancellationToken).ConfigureAwait(false);
        await using var servicesDisposal = services.ConfigureAwait(false);
        var opener = new FileOpener(services, progress, store);
        var reference = referenceName is null ? null : await OpenReferenceAsync(opener, referenceName, cancellationToken).ConfigureAwait(false);
        var file = await opener.OpenAsync(name, cancellationToken, perRun: !together).ConfigureAwait(false);
        if (reference is not null && file.Import.Incidents.Any(one => one.Id == reference.IncidentId))
        {
            throw new ToolException($"{file.Name} and {reference.Name} tell of the same run.");
        }

        List<AnalyzedFile> analyzed = [];
        foreach (var (incident, report) in await FileAnalysis.RunAllAsync(services, file, engine, reference, progress, cancellationToken).ConfigureAwait(false))
        {
            var markdown = form == Form.Markdown ? await WriteAsync(services, incident.Id, file.Name, cancellationToken).ConfigureAwait(false) : null;
            var places = await EvidencePlaces.FindAsync(
                services.GetRequiredService<IIncidentReader>(), file, () => store.Open(name), incident, report, cancellationToken).ConfigureAwait(false);
            analyzed.Add(new AnalyzedFile(file, incident, analyzed.Count + 1, report, places, markdown));
        }

        return analyzed;
    }

    // Without it none of the files can be looked at as was asked.
    private static async Task<OpenedFile> OpenReferenceAsync(FileOpener opener, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await opener.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableFileException failure)
        {
            throw new ToolException(failure.Message);
        }
    }

    private static async Task<string> WriteAsync(ServiceProvider services, Guid incidentId, string file, CancellationToken cancellationToken) =>
        await services.GetRequiredService<IIncidentReader>().WritePostmortemAsync(new PostmortemQuery { IncidentId = incidentId, FileName = file }, cancellationToken).ConfigureAwait(false)
            is PostmortemOutcome.Written written ? written.Markdown : throw new ToolException("The report cannot be read back.");

    private enum Form
    {
        People,
        Json,
        Markdown,
        Sarif,
    }
}
