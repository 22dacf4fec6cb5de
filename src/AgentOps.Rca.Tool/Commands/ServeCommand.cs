using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>serve [FILE…]</c>: the page, the API and the MCP server over files, for this machine only.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var files = CommonOptions.Files(ArgumentArity.ZeroOrMore);
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; a free one by default." };
        var noBrowser = new Option<bool>("--no-browser") { Description = "Does not open the browser." };
        port.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 65_535))
            {
                result.AddError("--port must be a number from 0 to 65535.");
            }
        });
        var command = new Command("serve", "Shows files on a page of this machine; nothing is kept when it ends.") { files, port, noBrowser };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(files) ?? [], parsed.GetValue(port), opensBrowser: !parsed.GetValue(noBrowser), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] names, int port, bool opensBrowser, CancellationToken cancellationToken)
    {
        var store = await TemporaryStore.ForAsync(names, cancellationToken).ConfigureAwait(false);
        await using var storeDisposal = store.ConfigureAwait(false);

        // Nothing of the environment is read: an empty builder has no sources of settings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        ToolServices.AddTo(builder.Services, store, static rca => rca.AddMcp(static options => options.AllowAnalyze = true));
        var app = builder.Build();
        await using var appDisposal = app.ConfigureAwait(false);
        app.Use(RefuseOtherNamesAsync);
        app.UseRouting();
        app.MapAgentOpsRca();
        app.MapAgentOpsRcaMcp("/mcp");
        await ToolServices.PrepareAsync(app.Services, cancellationToken).ConfigureAwait(false);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);

        var address = app.Urls.Single().TrimEnd('/');
        var only = await OpenAsync(app.Services, store, names, cancellationToken).ConfigureAwait(false);
        var page = only is { } id ? $"{address}/#incident/{id:D}" : $"{address}/";
        Terminal.Out.Heading($"The page: {page}");
        Terminal.Out.Text($"For coding agents (MCP): {address}/mcp. Ctrl+C ends it.");
        if (opensBrowser)
        {
            OpenBrowser(page);
        }

        await app.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    // The incident to open the page at, where there is one.
    private static async Task<Guid?> OpenAsync(IServiceProvider services, TemporaryStore store, string[] names, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(isWanted: true);
        var opener = new FileOpener(services, progress, store);
        Guid? first = null;
        var isOne = true;
        foreach (var name in names)
        {
            var file = await opener.OpenAsync(name, cancellationToken, perRun: true).ConfigureAwait(false);
            await FileAnalysis.RunAllAsync(services, file, "auto", reference: null, progress, cancellationToken).ConfigureAwait(false);
            isOne &= first is null && file.Import.Incidents.Count == 1;
            first ??= file.IncidentId;
        }

        // Of several, the list says which of them went wrong.
        return isOne ? first : null;
    }

    // A page elsewhere can make a name of its own point at this machine.
    private static Task RefuseOtherNamesAsync(HttpContext context, RequestDelegate next)
    {
        if (Uri.TryCreate($"http://{context.Request.Host.Value}", UriKind.Absolute, out var host) && host.IsLoopback)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return Task.CompletedTask;
    }

    private static void OpenBrowser(string page)
    {
        try
        {
            var (program, arguments) = OperatingSystem.IsWindows() ? ("explorer", page) : OperatingSystem.IsMacOS() ? ("open", page) : ("xdg-open", page);
            using var process = Process.Start(new ProcessStartInfo(program, [arguments]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            Terminal.Error.Text("No browser could be opened; open the address yourself.");
        }
    }
}
