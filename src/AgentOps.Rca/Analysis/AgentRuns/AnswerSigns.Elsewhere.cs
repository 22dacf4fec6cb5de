using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>The same by a few phrases of other languages: German, French, Spanish, Portuguese, Italian, Dutch, Norwegian, Swedish and Danish, Japanese, and Chinese.</summary>
internal static partial class AnswerSigns
{
    /// <summary>Whether an answer says of something that there is none, or that it is not known.</summary>
    public static bool TellsOfNone(string text) => None().IsMatch(text) || NoneElsewhere().IsMatch(text);

    [GeneratedRegex(@"\b(?:there (?:is|are|was|were) (?:currently )?(?:no|none)|(?:no|none) (?:such|matching|\w+ with)|no \w+|not (?:found|registered|known|in|on|listed|exist)|(?:does|do|did|is|are|was|has|have)(?: not|n['’]t)|nobody|nothing|unknown)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    public static partial Regex None();

    [GeneratedRegex(@"\b(?:keine?[rnsm]?|noch nicht|unbekannt\w*|aucune?|pas (?:de|d['’]|encore)|inconnue?s?|ning[uú]n\w*|no hay|no se conoce|desconocid\w*|nenhum\w*|nessun\w*|geen|onbekend)\b|ありません|未定|不明|没有|沒有|未知", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    public static partial Regex NoneElsewhere();

    private static AnswerSign OfElsewhere(string text) => FailedElsewhere().IsMatch(text) ? AnswerSign.Failure : DoneElsewhere().IsMatch(text) ? AnswerSign.Success : AnswerSign.None;

    [GeneratedRegex(
        @"\b(?:leider|konnten?\b(?:[^.!?\n]|(?<=\d)\.){0,60}\bnicht|nicht (?:möglich|gefunden|verfügbar|gelungen|geklappt|erreichbar|bekannt)|fehlgeschlagen|gescheitert|fehler(?:meldung)?|keine?n? (?:treffer|ergebnis(?:se)?|daten|informationen|angaben?|eintr[aä]ge?)"
        + @"|malheureusement|désolée?s?|n['’]ai pas (?:pu|trouvé)|n['’]a pas (?:pu|été)|(?:est|était|sont) (?:impossible|introuvable|indisponible)s?|échou\w*|erreur|aucun(?:e)? (?:résultat|donnée|information|trace)s?|introuvables?"
        + @"|lamentablemente|lo siento|no (?:pude|se pudo|he podido|ha sido posible|fue posible|está disponible|se encontr\w+|encontr\w+|hay (?:resultados|datos))|fall[óo]\b|ning[uú]n (?:resultado|dato)"
        + @"|infelizmente|não (?:foi possível|consegui\w*|encontr\w+|está disponível)|falhou|purtroppo|non (?:è stato possibile|sono riuscit[oa]|ho trovato|è disponibile)|errore|helaas|niet (?:gelukt|gevonden|beschikbaar|mogelijk)|mislukt"
        + @"|dessverre|tyvärr|desværre|kunne ikke|kunde inte|mislyktes|misslyckades|mislykkedes)\b|できませんでした|見つかりません|見つかりませんでした|失敗|エラー|申し訳|无法|無法|失败|失敗|错误|錯誤|抱歉|未找到|找不到|没有找到",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FailedElsewhere();

    [GeneratedRegex(
        @"\b(?:erledigt|erfolgreich|(?:wurden?|ist|sind|habe|haben)\b(?:[^.!?\n]|(?<=\d)\.){0,80}\b(?:gebucht|storniert|ge(?:sendet|schickt|löscht|ändert|speichert)|versandt|verschickt|überwiesen|angelegt|erstellt|aktualisiert|reserviert|bezahlt|eingetragen|bestätigt|erstattet|verschoben|archiviert)"
        + @"|(?:a été|ont été|est maintenant|j['’]ai)\b(?:[^.!?\n]|(?<=\d)\.){0,60}\b(?:réservé|envoyé|annulé|modifié|créé|supprimé|payé|remboursé|confirmé|mis à jour|archivé|déplacé|transféré)(?:e?s?)|c['’]est fait|avec succès"
        + @"|(?:ha sido|han sido|se ha|he|hemos|está)\b(?:[^.!?\n]|(?<=\d)\.){0,60}\b(?:reservad[oa]s?|enviad[oa]s?|cancelad[oa]s?|cambiad[oa]s?|cread[oa]s?|eliminad[oa]s?|pagad[oa]s?|reembolsad[oa]s?|confirmad[oa]s?|actualizad[oa]s?|transferid[oa]s?|hech[oa]s?|list[oa]s?|tramitad[oa]s?|realizad[oa]s?|procesad[oa]s?|emitid[oa]s?|registrad[oa]s?|programad[oa]s?|completad[oa]s?|resuelt[oa]s?|cerrad[oa]s?)|con éxito"
        + @"|está (?:feito|pronto|concluíd[oa]|agendad[oa]|encerrad[oa])|(?:został[aoy]?|są już|jest już) (?:zarezerwowan|wysłan|anulowan|zwrócon|zmienion|utworzon|opłacon|usunięt)\w*|(?:готово|выполнено|отправлен\w*|отмен[её]н\w*|забронирован\w*|возвращен\w*|оплачен\w*)"
        + @"|com sucesso|foi (?:reservad|enviad|cancelad|criad|atualizad)[oa]|con successo|è stat[oa] (?:prenotat|inviat|cancellat|creat|aggiornat)[oa]|is (?:nu )?(?:geboekt|verzonden|geannuleerd|aangemaakt|bijgewerkt)|er (?:nå |nu )?(?:bestilt|sendt|booket|avbestilt|oppdatert|slettet)|är (?:nu )?(?:bokad|skickad|avbokad|uppdaterad|raderad))\b"
        + @"|(?:予約|送信|変更|更新|登録|作成|削除|返金|キャンセル|完了|手配|設定)(?:を|が)?(?:いた)?(?:しました|完了)|完了しました|(?:已|已经|已經)(?:成功)?(?:预订|預訂|发送|發送|取消|完成|更新|创建|建立|删除|刪除|退款|支付|转账|轉帳)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DoneElsewhere();

    /// <summary>Whether words take back what was said before.</summary>
    public static bool TakesBack(string text) => Corrects().IsMatch(text);

    [GeneratedRegex(@"\b(?:sorry|apologi[sz]e\w*|correct(?:ion|ing)\b|my mistake|i (?:was|misread|misspoke|made an? (?:error|mistake))|i need to correct|to correct (?:myself|my)|i stand corrected|earlier (?:figure|number|answer|statement)|entschuldig\w*|korrektur|ich habe mich (?:geirrt|vertan)|désolée?|je me suis trompée?|correction|perdón|disculp\w*|me equivoqué|desculp\w*|enganei|scus\w*|mi sono sbagliat[oa]|excuses|vergist)\b|申し訳|訂正|抱歉|更正|纠正", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Corrects();
}
