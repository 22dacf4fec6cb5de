using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An answer that says the opposite of the state that a result gives: approved where it is denied, shipped where it awaits payment. Only where
/// the run changed nothing itself or the last change itself gave the state, and where the answer does not say the true state, too.
/// </summary>
internal sealed partial class ContradictedStatusDetector : IAnswerDetector
{
    private const double Strength = 2.4;

    private const string Saying = "is|are|has|have|was|were|been|['’]s|now|already";
    private const string SayingElsewhere = "|ist|sind|wurden?|bereits|est|sont|été|está|están|fue|ha sido|è|sono|stat[oa]|é|foi|são|zijn|werd|er|ble";

    private static readonly string[] StateMembers = ["status", "state", "outcome", "decision", "result", "phase", "condition", "availability"];

    // What an answer may claim, and the states that say that it is not so.
    private static readonly (string[] Claims, string[] Against)[] Opposites =
    [
        (["approved", "accepted", "granted"], ["denied", "rejected", "declined", "refused", "pending", "in_review", "under_review", "submitted", "expired", "withdrawn", "not_approved"]),
        (["denied", "rejected", "declined"], ["approved", "accepted", "granted"]),
        (["shipped", "dispatched", "on its way", "on the way", "in transit"], ["awaiting_payment", "pending", "processing", "cancelled", "canceled", "not_shipped", "unpaid", "backordered", "on_hold", "returned", "new", "open", "draft", "payment_failed", "unfulfilled"]),
        (["delivered", "arrived"], ["awaiting_payment", "pending", "processing", "cancelled", "canceled", "lost", "returned", "in_transit", "shipped", "on_hold", "delayed", "out_for_delivery", "label_created", "backordered"]),
        (["paid", "settled"], ["unpaid", "overdue", "open", "failed", "pending", "declined", "refused", "past_due", "payment_failed", "awaiting_payment", "void"]),
        (["overdue", "unpaid"], ["paid", "settled"]),
        (["active", "enabled", "running", "operational", "online", "up and running", "healthy"], ["inactive", "suspended", "expired", "cancelled", "canceled", "closed", "disabled", "stopped", "blocked", "locked", "offline", "down", "degraded", "outage", "paused", "terminated", "failed"]),
        (["inactive", "suspended", "disabled", "blocked"], ["active", "enabled"]),
        (["confirmed", "booked", "reserved"], ["cancelled", "canceled", "pending", "waitlisted", "rejected", "on_hold", "unconfirmed", "tentative", "expired", "failed", "declined"]),
        (["completed", "complete", "finished", "done", "succeeded", "successful"], ["running", "pending", "failed", "in_progress", "queued", "error", "cancelled", "canceled", "aborted", "partial", "incomplete", "not_started", "timed_out"]),
        (["available", "in stock", "free"], ["unavailable", "sold_out", "out_of_stock", "occupied", "reserved", "discontinued", "backordered", "booked", "taken"]),
        (["unavailable", "sold out", "out of stock"], ["available", "in_stock"]),
        (["cancelled", "canceled"], ["active", "confirmed", "shipped", "delivered", "completed", "processing"]),
        (["closed", "resolved", "fixed"], ["open", "reopened", "in_progress", "new", "pending", "unresolved"]),
        (["verified", "valid"], ["unverified", "invalid", "expired", "failed", "rejected", "revoked", "pending"]),
    ];

    // Of things on their way, and the first kinds in other languages.
    private static readonly (string[] Claims, string[] Against)[] OfReads =
    [
        (["out for delivery", "delivered", "on its way", "on the way", "in transit", "ready for pickup", "ready for collection", "arrived", "dispatched"],
            ["held_at_customs", "customs_hold", "held_in_customs", "in_customs", "held", "on_hold", "returned_to_sender", "return_to_sender", "lost", "undeliverable", "damaged", "stopped", "not_shipped", "label_created", "awaiting_payment"]),
        (["out for delivery", "ready for pickup", "ready for collection"], ["delayed", "in_transit", "cancelled", "canceled", "delivered", "exception"]),
        (["on time", "on schedule", "on track"], ["delayed", "late", "cancelled", "canceled", "diverted", "behind_schedule", "at_risk", "off_track", "overdue"]),
        (["passing", "passed", "green"], ["failed", "failing", "red", "error", "broken"]),
        (["zugestellt", "geliefert", "livré", "livrée", "entregado", "entregada", "consegnato", "consegnata", "entregue", "bezorgd", "geleverd", "levert"], ["pending", "processing", "cancelled", "canceled", "lost", "returned", "in_transit", "shipped", "on_hold", "held_at_customs", "held", "delayed", "out_for_delivery", "label_created", "backordered", "in_zustellung", "unterwegs", "verloren", "en_transit", "en_transito", "in_transito"]),
        (["bezahlt", "payé", "payée", "pagado", "pagada", "pagato", "pagata", "paga", "pago", "betaald", "betalt"], ["unpaid", "overdue", "open", "failed", "pending", "declined", "past_due", "offen", "unbezahlt", "impayé", "impayée", "impagado", "impagada", "pendiente", "in_sospeso", "pendente", "onbetaald"]),
        (["bestätigt", "confirmé", "confirmée", "confirmado", "confirmada", "confermato", "confermata", "bevestigd", "bekreftet"], ["cancelled", "canceled", "pending", "waitlisted", "rejected", "on_hold", "tentative", "failed", "declined", "storniert", "abgelehnt", "annulé", "annulée", "cancelado", "cancelada", "annullato", "annullata", "geannuleerd"]),
        (["genehmigt", "approuvé", "approuvée", "aprobado", "aprobada", "approvato", "approvata", "aprovado", "aprovada", "goedgekeurd"], ["denied", "rejected", "declined", "refused", "pending", "in_review", "abgelehnt", "refusé", "refusée", "rechazado", "rechazada", "respinto", "recusado", "afgewezen"]),
        (["abgeschlossen", "terminé", "terminée", "completado", "completada", "completato", "completata", "concluído", "concluída", "voltooid", "erfolgreich"], ["running", "pending", "failed", "in_progress", "queued", "error", "cancelled", "fehlgeschlagen", "échoué", "fallido", "fallito"]),
    ];

    private static readonly (string[] Claims, string[] Against)[] OfChanges =
    [
        (["paused", "on hold"], ["cancelled", "canceled", "terminated", "closed", "deleted", "active", "running", "ended", "expired"]),
        (["successful", "succeeded", "placed", "went through"], ["declined", "rejected", "denied", "draft", "rolled_back", "refused", "failed", "cancelled", "canceled"]),
        (["transferred", "sent", "live", "deployed", "published", "released"], ["declined", "rejected", "denied", "draft", "rolled_back", "failed", "pending_approval", "awaiting_approval", "pending_review", "not_sent", "blocked", "on_hold"]),
    ];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer })
        {
            return [];
        }

        var changes = run.Tools.Where(tool => ToolWords.Writes(tool.Tool)).ToList();
        if (changes.Count > 0 && (MethodVersion.IsBefore(5) || changes is not [{ Failure: null, IsHandoff: false, Result: not null } only] || only.Number > model.Number))
        {
            return [];
        }

        var values = changes.Count > 0 ? ResultValue.In(changes[0], changes[0].Result!.Value) : ResultValue.Before(run, model);
        var states = values.Where(value => value.Value.ValueKind == JsonValueKind.String && ToolWords.Of(value.Name) is [.., var last] && (Array.IndexOf(StateMembers, last) >= 0 || (!MethodVersion.IsBefore(5) && last is "statut" or "estado" or "stato" or "zustand" or "etat"))).ToList();
        var last = states.Count > 0 ? states[^1].Value.GetString()! : "";

        // Records in several states: which of them the answer speaks of is not known.
        if (states.Count > 0 && states.TrueForAll(state => state.Value.GetString() == last) && !Says(answer.Text, Plain(last)) && Claimed(answer.Text, last, changes.Count > 0) is { } claim
            && (MethodVersion.IsBefore(5) || !IsOfTool(claim, states[^1])))
        {
            return [Describe(run, model, answer, claim, states[^1], $"{Words.Short(states[^1].Name, 40)} {StepFindings.Quote(last, 40)}")];
        }

        if (!MethodVersion.IsBefore(5) && changes.Count == 0 && OfNamed(run, states, answer.Text) is { } named)
        {
            return [Describe(run, model, answer, named.Claim, named.State, $"{Words.Short(named.State.Name, 40)} {StepFindings.Quote(named.State.Value.GetString()!, 40)} of {Words.Short(named.Id, 40)}")];
        }

        foreach (var flag in changes.Count > 0 ? [] : values.Where(value => value.Value.ValueKind == JsonValueKind.False && ToolWords.Of(value.Name) is [.., { Length: > 4 }]))
        {
            var word = string.Join(' ', ToolWords.Of(flag.Name).Where(part => part is not ("is" or "has" or "was")));
            if (values.TrueForAll(other => other.Name != flag.Name || other.Value.ValueKind == JsonValueKind.False) && word is not ("success" or "error") && Affirmed(answer.Text, word) is { } affirmed)
            {
                return [Describe(run, model, answer, affirmed, flag, $"{Words.Short(flag.Name, 40)} false")];
            }
        }

        return [];
    }

    // A hold that is active is on hold: where the claim is a word of the tool's name, the state is that of the very thing.
    private static bool IsOfTool(string claim, ResultValue state) => ToolWords.Of(state.Source.Tool).Where(static word => word.Length > 3).Any(word => Regex.IsMatch(claim, $@"\bon {Regex.Escape(word)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    // Of several records the one whose id a sentence of the answer names, and no other.
    private static (ResultValue State, string Claim, string Id)? OfNamed(AgentRun run, List<ResultValue> states, string answer)
    {
        var ids = states.Where(static state => state.Parent.ValueKind == JsonValueKind.Object).Select(static state => (State: state, Ids: state.Parent.EnumerateObject()
            .Where(static member => member.Value.ValueKind == JsonValueKind.String && ToolWords.Of(member.Name) is [.., "id" or "number" or "no" or "ref" or "reference" or "code" or "sku"] && Identifiers.IsIdentifier(member.Value.GetString()!)).Select(static member => member.Value.GetString()!).ToList())).ToList();
        foreach (Match clause in Clause().Matches(answer))
        {
            // Who resolved it meanwhile, whatever the call is called, may well say so.
            if (ids.FindAll(one => one.Ids.Exists(id => Says(clause.Value, id))) is [var (state, own)] && !run.Tools.Any(later => later.Number > state.Source.Number && later is { Failure: null, Arguments: not null } && !ToolWords.LooksUp(later.Tool) && own.Exists(id => Says(later.Arguments.Text, id))) && !ids.Exists(other => other.State != state && other.Ids.Intersect(own).Any())
                && state.Value.GetString()! is var value && !Says(answer, Plain(value)) && Claimed(clause.Value, value, false) is { } claim)
            {
                return (state, claim, own.Find(id => Says(clause.Value, id))!);
            }
        }

        return null;
    }

    private static string? Claimed(string answer, string state, bool isChange)
    {
        var plain = Plain(state);
        foreach (var (claims, against) in MethodVersion.IsBefore(5) ? Opposites : isChange ? OfChanges : [.. Opposites, .. OfReads, .. OfChanges])
        {
            if (Array.Exists(against, other => Plain(other) == plain) && claims.Select(claim => Affirmed(answer, claim)).FirstOrDefault(found => found is not null) is { } said)
            {
                return said;
            }
        }

        return null;
    }

    private static string Plain(string state) => string.Join(' ', ToolWords.Of(state));

    private static bool Says(string answer, string words) => Regex.IsMatch(answer, $@"\b{Regex.Escape(words)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // Said of the present and without a doubt: no negation, no condition, no question in the clause.
    private static string? Affirmed(string answer, string claim)
    {
        foreach (Match clause in (MethodVersion.IsBefore(5) ? Clause() : WholeClause()).Matches(answer))
        {
            var match = Regex.Match(clause.Value, $@"\b(?:{(MethodVersion.IsBefore(5) ? Saying : Saying + SayingElsewhere)})\b[^,;]{{0,30}}\b{Regex.Escape(claim)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            match = !match.Success && !MethodVersion.IsBefore(5) && claim is "succeeded" or "completed" or "finished" or "successful" ? Regex.Match(clause.Value, claim == "successful" ? @"\b(?:finished|completed|ended|deployed|ran|went) (?:successfully|well|fine)\b" : $@"\b\w+ {claim}\b(?! (?:with|in error|at))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : match;
            var own = match.Success && !MethodVersion.IsBefore(5) && Onwards().Match(clause.Value, match.Index + match.Length) is { Success: true } next ? clause.Value[..next.Index] : clause.Value;
            if (match.Success && !Doubt().IsMatch(own) && (MethodVersion.IsBefore(5) || !DoubtElsewhere().IsMatch(own)) && !clause.Value.EndsWith('?'))
            {
                return clause.Value.Trim();
            }
        }

        return null;
    }

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, string claim, ResultValue value, string state)
    {
        var source = StepFindings.Say(value.Source);
        return StepFindings.At(
            model, "contradicted_status", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(claim, 120)}, but {source} had returned {state}{Words.At(value.Source.Node.EndNs)}: the answer contradicts the result.",
            [answer.Say("What the answer says.", claim), value.Say($"{source} returned this state.")],
            $"Check statements about states against what {source} returned before the answer is sent.", "contradicted_status", explains: [value.Source, .. run.Runs]);
    }

    [GeneratedRegex(@"[^.!?;\n]+[.!?]?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Clause();

    [GeneratedRegex(@"(?:[^.!?;\n]|(?<=\d)\.(?=\d))+[.!?]?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WholeClause();

    // What is expected of it next is said of later.
    [GeneratedRegex(@"\s(?:and|und|et|y|e|en)\s(?=(?:it |you |they )?(?:should|will|would|can|may|could)\b|soll\w*|wird|devrait|sera|debería|será|dovrebbe|sarà|deve|zal)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Onwards();

    [GeneratedRegex(@"\b(?:nicht|noch|kein\w*|ohne|wird|werden|wenn|sobald|falls|pas|encore|sera|seront|si|quand|lorsque|todavía|aún|será|serán|cuando|sin|non|ancora|sarà|quando|se|não|ainda|niet|nog|wordt|als|zodra|ikke|inte)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DoubtElsewhere();

    [GeneratedRegex(@"\b(?:not|no|never|none|without|un\w+ed|cannot|won['’]t|isn['’]t|hasn['’]t|wasn['’]t|aren['’]t|haven['’]t|would|could|should|may|might|if|once|when|until|unless|whether|will|yet|expected|awaiting|waiting|pending|before|except|only|other|previous(?:ly)?|can be|to be)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Doubt();
}
