using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A file that the user wanted left as it is ("don't touch config/prod.yaml", "fass config/prod.yaml nicht an") and that a call wrote, or things that were not to be
/// deleted ("non eliminare i contratti") and of which a call deleted one.
/// </summary>
internal sealed partial class KeptAsIsDetector : IDetector
{
    private const double Strength = 2.6;
    private const int MostText = 4_000;
    private const int MostPhrase = 60;
    private const int StemLetters = 6;
    private static readonly string[] Editing = ["edit", "write", "multiedit", "update", "create", "replace", "insert", "patch", "modify", "delete", "remove", "move", "rename", "append", "save", "overwrite", "put", "notebook", "scrivi", "modifica", "elimina", "escribe", "modificar", "borra", "ecrire", "modifier", "supprimer", "schreibe", "loesche", "aendere"];
    private static readonly string[] Deleting = ["delete", "remove", "erase", "purge", "wipe", "destroy", "trash", "unlink", "elimina", "eliminar", "cancella", "rimuovi", "borra", "borrar", "suprime", "suprimir", "supprime", "supprimer", "efface", "effacer", "loesche", "loeschen", "loesch", "entferne", "entfernen", "verwijder", "apaga", "apagar", "exclui", "excluir", "slett", "radera"];

    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "anything", "everything", "nothing", "files", "other", "others", "these", "those", "please", "bitte", "assolutamente", "absolutely", "nicht", "keine", "keinen", "under", "without", "about", "there", "still", "yet", "first", "until", "before", "ninguno", "ninguna", "nessun", "nessuno", "aucun", "aucune", "tutti", "todos", "alles", "dateien", "fichiers", "archivos", "archivo", "ficheros", "arquivos", "bestanden",
    };

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Arguments.Value.ValueKind: JsonValueKind.Object }))
        {
            var written = Written(call);
            if (written.Count > 0 && BanOn(run, call, text => FilesIn(text).Select(file => (file.Name, file.Sentence, written.Find(path => IsOf(path, file.Name))))) is { } touched)
            {
                return [Describe(call, touched)];
            }

            if (written.Count > 0 && run.Instructions.FirstOrDefault(text => text.Text.Length <= MostText && RuleWords.IsGivenTo(run, text, call) && OfRule(run, text.Text, written) is not null) is { } rule)
            {
                var kept = OfRule(run, rule.Text, written)!.Value;
                return [Describe(call, (rule, kept.Sentence, kept.Given), "its instructions say")];
            }

            if (Deleted(call) is { Count: > 0 } deleted && BanOn(run, call, text => KeptIn(text).Select(kept => (kept.Word, kept.Sentence, deleted.Find(name => IsNamed(name, kept.Word))))) is { } gone)
            {
                return [Describe(call, gone)];
            }
        }

        return [];
    }

    // The last word counts: what the user says of it later lets it.
    private static (Passage Text, string Words, string Given)? BanOn(AgentRun run, ToolStep call, Func<string, IEnumerable<(string Name, string Sentence, string? Given)>> bans)
    {
        (Passage Text, string Words, string Given)? found = null;
        string? name = null;
        foreach (var text in UserTurns.Before(run, call))
        {
            if (text.Text.Length > MostText)
            {
                continue;
            }

            if (found is not null && (RuleWords.SaysYes(text.Text) || text.Text.Contains(name!, StringComparison.OrdinalIgnoreCase)))
            {
                found = null;
            }

            foreach (var ban in bans(text.Text).Where(static ban => ban.Given is not null))
            {
                // Wanted elsewhere in the same text, or only in some case: nobody knows which holds.
                if (!Conditional().IsMatch(ban.Sentence) && !Sentences.In(text.Text).Any(static sentence => Recalling().IsMatch(sentence)) && !WantedElsewhere(text.Text, ban.Sentence, ban.Name))
                {
                    (found, name) = ((text, ban.Sentence, ban.Given!), ban.Name);
                    break;
                }
            }
        }

        return found;
    }

    // A rule of the instructions, where no user spoke of the file.
    private static (string Sentence, string Given)? OfRule(AgentRun run, string rule, List<string> written)
    {
        foreach (var (name, sentence) in FilesIn(rule).Where(file => !Conditional().IsMatch(file.Sentence) && !run.SaidByUsers().Any(text => text.Text.Contains(file.Name[(file.Name.LastIndexOf('/') + 1)..], StringComparison.OrdinalIgnoreCase))))
        {
            if (written.Find(path => IsOf(path, name)) is { } given)
            {
                return (sentence, given);
            }
        }

        return null;
    }

    private static bool WantedElsewhere(string text, string sentence, string name) =>
        Sentences.In(text).Any(other => other != sentence && other.Contains(name, StringComparison.OrdinalIgnoreCase) && !Denial().IsMatch(other) && Wishing().IsMatch(other));

    // Files that are named beside words that forbid to change them.
    private static IEnumerable<(string Name, string Sentence)> FilesIn(string text) => Sentences.In(text).Where(static sentence => Untouched().IsMatch(sentence))
        .SelectMany(static sentence => Untouched().Matches(sentence).SelectMany(match => FileName().Matches(match.Value).Where(file => IsObject(match.Value, file)).Select(file => (file.Value.Trim('`', '"', '\'').TrimEnd('/'), sentence))))
        .Where(static file => file.Item1.Length > 3);

    // The file itself, and not something in it: nothing but small words and other files lie between it and the verb.
    private static bool IsObject(string words, Match file)
    {
        var before = words[..file.Index];
        var verb = Verb().Matches(before).LastOrDefault();
        before = verb is null ? before[(before.LastIndexOfAny([',', '.']) + 1)..] : before[(verb.Index + verb.Length)..];
        return !Owning().IsMatch(words.AsSpan(file.Index + file.Length)) && Small().IsMatch(FileName().Replace(before, " "));
    }

    // Of what is not to be deleted the word that names it.
    private static IEnumerable<(string Word, string Sentence)> KeptIn(string text)
    {
        foreach (var sentence in Sentences.In(text))
        {
            foreach (Match match in Undeleted().Matches(sentence))
            {
                var rest = match.Groups["before"].Success ? match.Groups["before"].Value : sentence.Substring(match.Index + match.Length, Math.Min(MostPhrase, sentence.Length - match.Index - match.Length));
                rest = Article().Replace(rest, "");
                var phrase = Phrase().Match(rest).Value;
                if (!Narrowed().IsMatch(rest) && PlainWords.Split(PlainWords.Of(phrase)).Where(static word => word.Length >= StemLetters && !Common.Contains(word)).ToList() is [var word])
                {
                    yield return (word, sentence);
                }
            }
        }
    }

    private static List<string> Written(ToolStep call)
    {
        if (call.Commands.Count > 0 && CommandCall.TextOf(call) is { } text)
        {
            return [.. WrittenByShell().Matches(text).SelectMany(static match => match.Groups["path"].Captures.Select(static path => path.Value.Trim('\'', '"')))];
        }

        return ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Editing, word) >= 0) && !Changes.Reads(call.Tool)
            ? [.. FileEdits.PathsOf(call)] : [];
    }

    private static List<string> Deleted(ToolStep call)
    {
        if (Destruction.Of(call) is { IsOfFiles: true } files)
        {
            return [.. files.Words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Skip(1).Where(static word => word[0] != '-')];
        }

        return call.Commands.Count == 0 && ToolWords.Of(call.Tool) is [var first, ..] words && Array.IndexOf(Deleting, first) >= 0
            ? [.. Changes.GivenTo(call).Select(static value => value.Value.ToString()).Append(string.Join(' ', words.Skip(1))).Where(static text => text.Length is > 2 and <= 200)] : [];
    }

    private static bool IsOf(string path, string name) => path.EndsWith(name, StringComparison.OrdinalIgnoreCase) && (path.Length == name.Length || path[^(name.Length + 1)] is '/' or '\\')
        || path.Contains($"/{name}/", StringComparison.OrdinalIgnoreCase) || path.StartsWith(name + "/", StringComparison.OrdinalIgnoreCase);

    // contratti_2024.zip is one of the contratti.
    private static bool IsNamed(string given, string word) => PlainWords.Split(PlainWords.Of(given.Replace('_', ' '))).Any(part => part.Length >= StemLetters - 1 && part.TrimEnd('s').StartsWith(word[..Math.Max(StemLetters, word.Length - 2)], StringComparison.Ordinal));

    private static Finding Describe(ToolStep call, (Passage Text, string Words, string Given) ban, string who = "the user had said")
    {
        var asker = (AgentStep?)call.Asker ?? call;
        return StepFindings.At(
            asker, "kept_as_is", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {StepFindings.Quote(ban.Given, 100)} although {who} {StepFindings.Quote(ban.Words)}.",
            [call.Arguments!.Say($"{StepFindings.Say(call)} was given this.", "", ban.Given), ban.Text.Say(who == "the user had said" ? "What the user had said." : "The instruction.", StepFindings.Head(ban.Words))],
            $"Take the right to change it from {StepFindings.Say(call)} instead of leaving it to the model to remember what the user said.", "kept_as_is", explains: [call]);
    }

    private const string Touch = @"(?:touch|edit|change|modify|alter|overwrite|write to|update|rewrite|delete|remove)";

    // Both before and behind the name, as languages have it; nothing that lies between may end the thought.
    [GeneratedRegex(
        @"\b(?:do not|don['’]?t|never|must not|mustn['’]?t|should not|may not)\s+(?:ever\s+|please\s+)?(?:\w+ or )?" + Touch + @"\b[^;:!?\n]{0,80}|\b(?:leave|keep)\s[^;:!?\n]{0,60}\b(?:alone|untouched|unchanged|as (?:it is|they are|is))|[^;:!?\n]{0,60}\b(?:must|may|should) (?:not|never) be (?:touched|edited|changed|modified|overwritten)|\bhands off\s[^;:!?\n]{0,60}"
        + @"|[^;:!?\n]{0,80}\b(?:nicht|niemals|nie|keinesfalls)\s(?:\w+\s){0,2}(?:anfassen|anrühren|ändern|bearbeiten|verändern|überschreiben|an(?=[\s.,!]|$)|angefasst|geändert|bearbeitet|verändert)|\b(?:ändere|bearbeite|verändere|überschreibe|fass\w*|rühr\w*|lass\w*)\s[^;:!?\n]{0,60}\b(?:nicht|unberührt|unverändert|in Ruhe)"
        + @"|\bne\s(?:touche[rz]?|modifie[rz]?|change[rz]?|édite[rz]?)\s(?:pas|jamais|surtout pas)\b[^;:!?\n]{0,80}|\bne (?:pas|jamais) (?:toucher|modifier|changer|éditer)\b[^;:!?\n]{0,80}|\b(?:no|nunca)\s(?:toques|toque|tocar|modifiques|modifique|modificar|cambies|cambie|cambiar|edites|edite|editar)\b[^;:!?\n]{0,80}"
        + @"|\bnon\s(?:toccare|modificare|cambiare|editare)\b[^;:!?\n]{0,80}|\b(?:não|nunca)\s(?:mexa|mexas|mexer|toque|altere|altera|alterar|modifique|modificar|edite|mude)\b[^;:!?\n]{0,80}|\b(?:wijzig|bewerk|verander|raak)\s[^;:!?\n]{0,60}\bniet\b(?: aan)?|[^;:!?\n]{0,60}\bniet (?:aanraken|wijzigen|aanpassen|bewerken)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Untouched();

    [GeneratedRegex(
        @"\b(?:do not|don['’]?t|never|must not|mustn['’]?t|should not|may not)\s+(?:ever\s+)?(?:delete|remove|erase|purge|wipe|trash)\s|\bnon\s(?:eliminare|cancellare|rimuovere)\s|\b(?:no|nunca)\s(?:borres|borre|borrar|elimines|elimine|eliminar|suprimas)\s|\bne\s(?:supprime[rz]?|efface[rz]?)\s(?:pas|jamais|surtout pas|en aucun cas)\s|\bne (?:pas|jamais) (?:supprimer|effacer)\s|\b(?:não|nunca)\s(?:apague|apagues|apagar|exclua|excluir|elimine|delete)\s"
        + @"|\b(?:lösche|entferne)n?\s(?:Sie\s)?(?:bitte\s)?(?:auf keinen Fall|keinesfalls|niemals|keine[nr]?)\s|\b(?:verwijder|wis)\s(?:nooit|geen)\s|\b(?:lösche|entferne)\s(?<before>[^.;:!?,\n]{3,40})\snicht\b|\b(?:verwijder|wis)\s(?<before>[^.;:!?,\n]{3,40})\sniet\b|(?<before>(?:die|der|das|den|keine|keinen)\s\w{5,40})\s(?:bitte\s|auf keinen Fall\s|auf gar keinen Fall\s|unter keinen Umständen\s)?(?:nicht\s)?löschen\b(?=[^\w]*$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Undeleted();

    [GeneratedRegex(@"\A(?:[\p{L}'’-]+\s*){1,4}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Phrase();

    [GeneratedRegex(@"\A\s*(?:die|der|das|den|keine[nr]?|any of the|any|the|all|i|gli|le|los|las|les|os|as|de)\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Article();

    // Only some of them.
    [GeneratedRegex(@"\A(?:[\p{L}'’-]+\s*){1,4}(?:\d|[""“'(])|\A[^.;:!?\n]*\b(?:that|which|who|whose|from|older|newer|of|in|with|created|before|after|since|die|von|vom|aus|älter|mit|qui|dont|plus|de plus|del|di|dal|que|más|do|da|van|uit|ouder)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Narrowed();

    [GeneratedRegex(@"`[^`\n]{2,80}`|(?<![\w.@])(?:~?/?(?:[\w.-]+/)+[\w.-]*\w|[\w-]+(?:\.[\w-]+)*\.(?:\w{1,6})\b|\.env\b|Dockerfile\b|Makefile\b)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"\b(?:unless|except|other than|apart from|besides|if|until|till|before|without|yet|more than|beyond|outside|anything (?:else|but)|by hand|directly|wenn|falls|außer|bis|bevor|ohne|sauf|sans|à moins|avant|si|sin|senza|sem|zonder|salvo|excepto|antes|hasta|a menos|tranne|se|prima|exceto|tenzij|behalve|voordat)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Conditional();

    [GeneratedRegex(@"\b(?:touch\w*|edit|change|modify|alter|overwrite|write to|update|rewrite|delete|remove|leave|keep|hands off|fass\w*|rühr\w*|lass\w*|ändere|bearbeite|verändere|überschreibe|touche[rz]?|modifie[rz]?|change[rz]?|édite[rz]?|toques?|tocar|modifiques?|modificar|cambies?|cambiar|edites?|editar|toccare|modificare|cambiare|mexa|mexer|altere|alterar|mude|wijzig|bewerk|verander|raak)\b(?: pas| jamais)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Verb();

    [GeneratedRegex(@"\A(?:\s|,|`|""|\b(?:the|any|our|my|your|file|files|folder|anything|in|inside|under|or|and|please|also|and the|à|au|aux|a|al|le|la|les|el|los|il|lo|i|o|os|em|de|die|der|das|den|het|und|oder|et|ou|y|e|en|of|Datei|Dateien|fichier|archivo|bestand|bitte|nicht|but|aber|nor)\b)*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Small();

    [GeneratedRegex(@"\A`?(?:['’]s\b|\s(?:by|for|more than|in (?:the|this|that) (?:way|commit))\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Owning();

    [GeneratedRegex(@"^\W*(?:actually|on second thoughts?|wait|scratch that|no,|doch|halt|moment|finalement|en realidad|anzi|na verdade|toch)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Recalling();

    [GeneratedRegex(@"\b(?:not|never|n['’]t|leave|keep|nicht|kein\w*|nie|ne|pas|no|nunca|non|não|niet|geen)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Denial();

    [GeneratedRegex(@"\b(?:update|edit|change|modify|fix|rewrite|add|write|set|delete|remove|raise|bump|replace|rename|move|ändere|bearbeite|schreib\w*|lösch\w*|modifie[rz]?|change[rz]?|supprime[rz]?|modifica|cambia|actualiza|borra|elimin\w+|aggiorna|altere|atualiz\w+|wijzig|verwijder)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wishing();

    [GeneratedRegex(@"(?<!\d|&)>>?\s*(?<path>[^\s;&|<>]+)|\bsed\s+(?:-\w+\s+)*-i\S*\s+(?:-e\s+)?(?:'[^']*'|""[^""]*""|\S+)(?:\s+(?<path>[^\s;&|<>]+))+|\btee\s+(?:-a\s+)?(?<path>[^\s;&|<>]+)|(?:^|[;&|]\s*)(?:rm|truncate)\s+(?:-\S+\s+)*(?<path>[^\s;&|<>]+)|(?:^|[;&|]\s*)(?:mv|cp)\s+(?:-\S+\s+)*\S+\s+(?<path>[^\s;&|<>]+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WrittenByShell();
}
