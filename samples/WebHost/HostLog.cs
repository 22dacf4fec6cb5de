using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace AgentOps.Rca.WebHost;

/// <summary>What the host logs, and how; <c>Logging__LogLevel__…</c> and <c>Logging__Console__FormatterName</c> change it.</summary>
internal static class HostLog
{
    private const string Framework = "Microsoft.AspNetCore";

    /// <summary>
    /// Leaves out what the framework says of each request, since the queries hold what was searched for, and writes each entry so that
    /// nothing in it, such as a path, can begin another one or steer a terminal.
    /// </summary>
    public static void AddHostLog(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[$"Logging:LogLevel:{Framework}"] is null)
        {
            builder.Logging.AddFilter(Framework, LogLevel.Warning);
        }

        var formatter = builder.Configuration["Logging:Console:FormatterName"] ?? HostLogFormatter.FormatterName;
        builder.Services.AddSingleton<ConsoleFormatter, HostLogFormatter>();
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.FormatterName = formatter);
    }
}

/// <summary>One line for each entry, its time in front; the lines of an exception follow, moved in.</summary>
internal sealed class HostLogFormatter(TimeProvider timeProvider) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "host";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{timeProvider.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Word(logEntry.LogLevel)} {logEntry.Category}: ");
        Append(text, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            foreach (var line in exception.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                Append(text.Append("\n      "), line);
            }
        }

        textWriter.WriteLine(text);
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    // Control and format characters are written as their numbers.
    private static void Append(StringBuilder text, string line)
    {
        foreach (var character in line)
        {
            var isShown = char.GetUnicodeCategory(character)
                is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            _ = isShown ? text.Append(character) : text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }
    }
}
