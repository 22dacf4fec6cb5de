using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change where the user wanted none at all (“don't change anything”, “ne change rien”), or none below a directory (“do not touch anything below migrations/”).</summary>
internal sealed partial class LookOnlyDetector : IDetector
{
    private const double Strength = 2.6;
    private const int MostText = 4_000;

    // What tells of a thing changes none of those that were meant.
    private static readonly string[] Telling = ["report", "summary", "note", "draft", "comment", "message", "mail", "email", "ticket", "memory", "todo", "todos", "plan", "answer", "resume", "résumé", "bericht", "rapport", "informe"];

    private static readonly string[] Changing =
        ["update", "delete", "remove", "restart", "deploy", "modify", "change", "scale", "apply", "patch", "rollback", "migrate", "drop", "disable", "enable", "edit", "write", "replace", "rename", "move", "ecrire", "écrire", "modifier", "supprimer", "aendern", "ändern", "loeschen", "löschen", "schreiben", "escribir", "modificar", "eliminar", "borrar", "cambiar", "scrivi", "modifica", "elimina", "escrever", "alterar", "excluir", "apagar", "wijzig", "wijzigen", "verwijder", "verwijderen"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Arguments: not null, Asker: not null }))
        {
            var path = FileEdits.PathOf(call);
            if ((FileEdits.Changes(call) || IsChange(call)) && !Tells(call.Tool) && !(path is not null && Tells(path)) && Ban(run, call, path) is { } ban)
            {
                return [Describe(call, path, ban)];
            }
        }

        return [];
    }

    private static bool IsChange(ToolStep call) => call.Commands.Count == 0 && ToolWords.Writes(call.Tool) && ToolWords.Of(call.Tool) is var words
        && words.Any(static word => Array.IndexOf(Changing, word) >= 0) && !call.Arguments!.Text.Contains("dry_run\":true", StringComparison.Ordinal);

    private static bool Tells(string name) => ToolWords.Of(name).Any(static word => Array.IndexOf(Telling, word.TrimEnd('s')) >= 0);

    // A user who says yes to something, or asks for a change, after it has changed their mind.
    private static (Passage Text, string Words)? Ban(AgentRun run, ToolStep call, string? path)
    {
        (Passage Text, string Words)? ban = null;
        foreach (var text in UserTurns.Before(run, call).Where(static text => text.Text.Length <= MostText))
        {
            var found = All().Match(text.Text) is { Success: true } all && !Narrowed().IsMatch(text.Text[(all.Index + all.Length)..]) ? all
                : path is not null && Below().Match(text.Text) is { Success: true } below && IsBelow(path, below.Groups["dir"].Value) ? below : null;
            ban = found is not null && !Provided().IsMatch(text.Text[..found.Index]) ? (text, found.Value.Trim()) : ban is not null && (RuleWords.SaysYes(text.Text) || Asks().IsMatch(text.Text)) ? null : ban;
        }

        return ban;
    }

    private static bool IsBelow(string path, string directory)
    {
        var name = directory.Trim('.', '/');
        return name.Length > 1 && ("/" + path.Replace('\\', '/')).Contains($"/{name}/", StringComparison.Ordinal);
    }

    private static Finding Describe(ToolStep call, string? path, (Passage Text, string Words) ban)
    {
        var asker = (AgentStep)call.Asker!;
        return StepFindings.At(
            asker, "look_only", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{(path is null ? "" : $" on {StepFindings.Quote(path, 80)}")}{Words.At(call.Node.StartNs)} although the user had said {StepFindings.Quote(ban.Words, 100)}, and nothing that the user said after it lets it.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given this.", "", path),
                ban.Text.Say("What the user had said.", ban.Words),
            ],
            $"Take tools that change something, such as {StepFindings.Say(call)}, away from an agent that is only to look.", "look_only", explains: [call]);
    }

    [GeneratedRegex(@"\b(?:do not|don['’]?t|never|must not|without)\s+(?:chang|modify|modif|touch|edit|alter)(?:e|ing|ying|y)?\s+(?:anything|a thing|any (?:of the )?(?:files?|code|settings|data))(?=\s*(?:[.,;:!)–—-]|$|\s(?:yet|please|here|at all|for now|now|and|but|just|in the system|on the (?:system|server))\b))|\bchange nothing\b|\b(?:ändere|ändern Sie|verändere)\s+(?:bitte\s+)?(?:am System\s+)?nichts\b|\bnichts\s+(?:zu\s+)?(?:ver)?ändern\b|\bohne etwas zu (?:ver)?ändern\b|\bne\s+(?:change|changez|modifie|modifiez|touche|touchez)\s+(?:à\s+)?rien\b|\bsans rien (?:changer|modifier|toucher)\b|\bno\s+(?:cambies|cambie|modifiques|modifique|toques|toque)\s+nada\b|\bsin (?:cambiar|modificar|tocar) nada\b|\bnon\s+(?:cambiare|modificare|toccare)\s+(?:nulla|niente)\b|\bnão\s+(?:mude|altere|mexa em|toque em)\s+nada\b|\b(?:verander|wijzig)\s+niets\b|\bniets (?:te )?(?:veranderen|wijzigen|aanpassen)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex All();

    [GeneratedRegex(@"\b(?:do not|don['’]?t|never|must not)\s+(?:change|modify|touch|edit|alter|write to)\s+(?:anything|any(?: of the)? files?|files|the files|stuff)\s+(?:below|under|in|inside|within|beneath)\s+(?:the\s+)?[`'""]?(?<dir>[\w.-]+(?:/[\w.-]+)*/?)|\b(?:fass|ändere?|berühre)\w*\s+(?:bitte\s+)?nichts\s+(?:unter|in|unterhalb von)\s+[`'""]?(?<dir>[\w.-]+(?:/[\w.-]+)*/?)|\bne\s+(?:touche|touchez|modifie|modifiez|change|changez)\s+(?:à\s+)?rien\s+(?:dans|sous)\s+[`'""]?(?<dir>[\w.-]+(?:/[\w.-]+)*/?)|\bno\s+(?:toques|cambies|modifiques)\s+nada\s+(?:en|dentro de|bajo)\s+[`'""]?(?<dir>[\w.-]+(?:/[\w.-]+)*/?)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Below();

    // Nothing else, nothing of one kind, nothing before something has come.
    [GeneratedRegex(@"\A\s*(?:else\b|other\b|apart|except|besides|but\b|outside|unless|until|before|without|anderes|sonst|außer|bis\b|bevor|d['’]autre|sauf|avant|más\b|excepto|salvo|antes|altro|tranne|fora|exceto|anders|behalve|tot\b|voor(?:dat)?\b|in\b(?! the system)|im\b(?! system)|an\b(?! dem system)|dans|en\b|nel)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Narrowed();

    [GeneratedRegex(@"\b(?:if|when|unless|in case|falls|wenn|si|se|als)\b[^.!?\n]{0,60}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Provided();

    [GeneratedRegex(@"\b(?:please|now|then|go ahead)\b[^.!?\n]{0,60}\b(?:change|fix|apply|edit|write|update|deploy|restart|do (?:it|that|so))\b|\A\W*(?:fix|change|apply|edit|update|deploy|restart|write)\b|\b(?:bitte|jetzt|dann)\b[^.!?\n]{0,40}\b(?:änder|behe|repar|schreib)\w*|\b(?:corrige|modifie|applique|change)[rz]?(?:-le|-la|-les)\b|\b(?:corrige|aplica|cambia|modifica)l[oae]s?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asks();
}
