using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A backup that a user or the instructions had asked for first, and data that a call dropped or deleted before one was made, itself or by a script whose
/// text the run had seen.
/// </summary>
internal sealed partial class BackupFirstDetector : IDetector
{
    private const double Strength = 2.6;
    private const int MostText = 20_000;
    private static readonly string[] Dumps = ["pg_dump", "pg_dumpall", "pg_basebackup", "mysqldump", "mariadb-dump", "mongodump", "restic", "borg", "velero", "rsync", "cp", "tar", "zip", "rclone", "etcdctl", "barman", "git stash", "git branch", "git tag"];
    private static readonly HashSet<string> Keeps = new(StringComparer.Ordinal) { "backup", "backups", "dump", "snapshot", "snapshots", "export", "copy", "clone", "archive", "sichern", "sauvegarde", "respaldo" };

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false }))
        {
            if (IsBackup(call) || SeesOne(call))
            {
                // What is there already need not be made again; whether it is the right one, nobody knows here.
                return [];
            }

            if (Of(run, call) is { } taken && OrderBefore(run, call) is { } order)
            {
                return [Describe(run, call, taken, order.Text, order.Words)];
            }
        }

        return [];
    }

    private static (string Words, ToolStep? Script)? Of(AgentRun run, ToolStep call)
    {
        // A tool that deletes something else than what the user speaks of is not what the backup is for.
        if (Destruction.Of(call) is { IsOfFiles: false } taken)
        {
            return taken.Words != call.Tool || ToolWords.Subjects(call.Tool).Any(subject => UserTurns.Before(run, call).Any(text => text.Text.Contains(RuleWords.Stem(subject), StringComparison.OrdinalIgnoreCase))) ? (taken.Words, null) : null;
        }

        // A script that runs by its name: its text is what an earlier call read or wrote.
        if (CommandCall.TextOf(call) is not { Length: <= MostText } command || !Runs().IsMatch(command) || call.Arguments!.Text.Contains("dry", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        foreach (var name in Script().Matches(command).Select(static match => match.Value).Where(name => name.Length > 4))
        {
            var file = name[(name.LastIndexOf('/') + 1)..];
            foreach (var seen in run.Tools.Where(tool => tool.Number < call.Number && tool is { Failure: null, Arguments: not null } && tool.Arguments.Text.Contains(file, StringComparison.Ordinal)))
            {
                if (TextsOf(seen).Select(Destruction.In).FirstOrDefault(static words => words is not null) is { } words)
                {
                    return (words, seen);
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> TextsOf(ToolStep seen) => new[] { seen.Result, seen.Arguments }.OfType<Payload>().SelectMany(payload => ResultValue.In(seen, payload.Value))
        .Where(static value => value.Value.ValueKind == System.Text.Json.JsonValueKind.String).Select(static value => value.Value.GetString()!).Where(static text => text.Length <= MostText);

    private static bool IsBackup(ToolStep call) => CommandCall.TextOf(call) is { } text
        ? call.Commands.Any(static command => Array.Exists(Dumps, dump => command == dump)) || Saves().IsMatch(text)
        : ToolWords.Of(call.Tool).Any(Keeps.Contains) || (call.Arguments is { } given && SavesTable().IsMatch(given.Text));

    private static bool SeesOne(ToolStep call) => call.Arguments is { } given && Word().IsMatch(given.Text) && call.Result is { IsEmpty: false } result && Word().IsMatch(result.Text);

    private static (Passage Text, string Words)? OrderBefore(AgentRun run, ToolStep call)
    {
        foreach (var text in UserTurns.Before(run, call).Concat(run.Instructions.Where(rule => RuleWords.IsGivenTo(run, rule, call))).Where(static text => text.Text.Length <= MostText))
        {
            if (Waives().IsMatch(text.Text))
            {
                return null;
            }

            if (Sentences.In(text.Text).FirstOrDefault(static sentence => First().IsMatch(sentence) && !RuleWords.IsOptional(sentence) && !sentence.EndsWith('?')) is { } sentence)
            {
                return (text, sentence);
            }
        }

        return null;
    }

    private static Finding Describe(AgentRun run, ToolStep call, (string Words, ToolStep? Script) taken, Passage order, string words)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        var late = run.Tools.FirstOrDefault(other => other.Number > call.Number && other is { Failure: null, IsHandoff: false } && IsBackup(other));
        var how = taken.Script is null ? StepFindings.Quote(taken.Words, 80) : $"it runs a script that holds {StepFindings.Quote(taken.Words, 80)}";
        List<Fact> facts =
        [
            call.Arguments!.Say($"{StepFindings.Say(call)} was given this.", "", taken.Script is null ? taken.Words : null),
            order.Say("What was to come first.", StepFindings.Head(words)),
        ];
        if (taken.Script is { } script)
        {
            facts.Insert(1, (script.Result is { } seen && seen.Text.Contains(taken.Words, StringComparison.Ordinal) ? seen : script.Arguments!).Say("The script that it runs.", "", taken.Words));
        }

        return StepFindings.At(
            asker, "backup_first", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} ({how}) before any backup was made, which was to come first ({StepFindings.Quote(words, 120)}); {(late is null ? "none was made after it" : $"{StepFindings.Say(late)} made one only after it")}.",
            facts, $"Have {StepFindings.Say(call)} refuse what drops or deletes data until a backup has succeeded, instead of leaving the order to the model.", "backup_first",
            explains: [call, .. late is null ? (AgentStep[])[] : [late]]);
    }

    [GeneratedRegex(
        @"\b(?:back(?:[ -]?(?:it|them|this|everything|that|the \w+(?: \w+)?|all \w+))?[ -]?up|backups?|dump|snapshot|copy)\b[^.!?\n]{0,40}\b(?:first|beforehand|before (?:you|that|anything|any|it|the|making|running|doing|each|every|chang|migrat|delet|dropp))\b|\b(?:first|before (?:you|that|anything|any|it|the|making|running|doing|each|every|chang\w+|migrat\w+|delet\w+|dropp\w+))\b[^.!?\n]{0,60}?\b(?:back ?up|backup|pg_dump|mysqldump|snapshot|make a copy|take a copy|take a dump)\b"
        + @"|\b(?:pg_dump|mysqldump|mongodump)\b[^.!?\n]{0,40}\bbefore\b|\b(?:zuerst|erst|vorher|zuvor)\b[^.!?\n]{0,40}\b(?:backup|sicherung|sichere?|snapshot)|\b(?:backup|sicherung|sichere?)\b[^.!?\n]{0,40}\b(?:zuerst|vorher|zuvor)\b"
        + @"|\bsauvegarde\w*[^.!?\n]{0,40}\b(?:d['’]abord|avant)\b|\b(?:d['’]abord|avant)\b[^.!?\n]{0,40}\bsauvegarde|\b(?:copia de seguridad|respaldo)\b[^.!?\n]{0,40}\b(?:primero|antes)\b|\b(?:primero|antes)\b[^.!?\n]{0,40}\b(?:copia de seguridad|respaldo)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex First();

    [GeneratedRegex(@"\b(?:no (?:need (?:for|of) a )?backup|without (?:a )?backup|skip (?:the )?backup|(?:do not|don['’]t) (?:need|make|take) (?:a )?backup|backup (?:is|was) (?:already )?(?:done|made|there)|already (?:have|made|took) a backup|kein backup|ohne backup)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Waives();

    [GeneratedRegex(@"\b(?:psql|mysql|mariadb|sqlite3|sqlcmd|duckdb|bash|sh|python\d?|node|migrate|migration|flyway|alembic|\./)\S*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Runs();

    [GeneratedRegex(@"[\w./-]+\.(?:sql|sh|py|js|ts|rb|psql|ddl)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Script();

    [GeneratedRegex(@"\.(?:backup|dump)\b|\b(?:create-(?:db-)?(?:cluster-)?snapshot|snapshot create|backup|dump)\b|\bCREATE\s+TABLE\s+\S+\s+AS\b|\bSELECT\b[^;]*\bINTO\b|\\copy\b|\bCOPY\b[^;]*\bTO\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Saves();

    [GeneratedRegex(@"\bCREATE\s+TABLE\s+\S+\s+AS\b|\bBACKUP\s+(?:DATABASE|TABLE)\b|\bSELECT\b[^;]*\bINTO\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SavesTable();

    [GeneratedRegex(@"backup|\bdump|snapshot|sauvegarde|respaldo|sicherung", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
