using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Something that was sent, shared or paid to an address, a phone or an account that stands in nothing that the run had seen, in no form: nobody had
/// given it, and nothing shows how such addresses are made.
/// </summary>
internal sealed partial class MadeUpAddressDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostText = 400;
    private const int LastDigits = 7;
    private static readonly string[] Sending =
        ["send", "email", "mail", "sms", "text", "message", "share", "invite", "forward", "notify", "reply", "pay", "payout", "transfer", "wire", "remit", "dispatch", "refund", "whatsapp", "letter", "invitation"];

    private static readonly string[] Receiving = ["to", "cc", "bcc", "recipient", "recipients", "attendee", "attendees", "invitee", "invitees", "guests", "participants", "payee", "beneficiary", "iban", "creditor"];

    // Whose own address it is, or a text in which it only stands.
    private static readonly string[] NoRecipient = ["from", "sender", "reply", "body", "message", "content", "text", "html", "subject", "title", "note", "notes", "description", "comment", "signature", "query", "memo", "reason"];
    private static readonly string[] Phones = ["phone", "mobile", "tel", "telephone", "msisdn", "cell", "whatsapp", "sms", "to", "recipient", "number"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !Changes.Reads(call.Tool)).Where(static call => ToolWords.Writes(call.Tool) || ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Sending, word) >= 0)))
        {
            var isSending = ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Sending, word) >= 0);
            KnownText? known = null;
            foreach (var value in Changes.GivenTo(call).Where(value => value.Value.ToString().Length <= MostText && IsRecipient(value, isSending)))
            {
                foreach (var (kind, address) in AddressesIn(value))
                {
                    known ??= KnownText.Before(run, call);
                    if (known.IsWhole && !IsKnown(known, kind, address) && !IsAgreed(run, call.Asker!, address) && !IsAccepted(run, call, address))
                    {
                        return [Describe(run, call, value, kind, address)];
                    }
                }
            }
        }

        // What a shell is told to mail goes to somebody as well.
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: > 0 } && Mailing().IsMatch(CommandCall.TextOf(tool)!)))
        {
            var known = KnownText.Before(run, call);
            foreach (var value in Changes.GivenTo(call).Where(value => value.Value.ToString() == CommandCall.TextOf(call)))
            {
                if (known.IsWhole && Mail().Matches(value.Value.ToString()).Select(static match => match.Value).FirstOrDefault(address => !IsKnownMail(known, address) && !known.Holds(address) && !IsAgreed(run, call.Asker!, address)) is { } made)
                {
                    return [Describe(run, call, value, "address", made)];
                }
            }
        }

        return [];
    }

    // A lookup that was asked with it and found something knew it.
    private static bool IsAccepted(AgentRun run, ToolStep call, string address) =>
        run.Tools.Any(other => other.Number < call.Number && other is { Failure: null, Arguments: not null, Result.IsEmpty: false } && (Changes.Reads(other.Tool) || !ToolWords.Writes(other.Tool)) && other.Arguments.Text.Contains(address, StringComparison.OrdinalIgnoreCase));

    private static bool IsRecipient(ResultValue value, bool isSending)
    {
        var words = ToolWords.Of(value.Name);
        return !words.Any(static word => Array.IndexOf(NoRecipient, word) >= 0) && (isSending || words.Any(static word => Array.IndexOf(Receiving, word) >= 0));
    }

    private static IEnumerable<(string Kind, string Address)> AddressesIn(ResultValue value)
    {
        var text = value.Value.ToString();
        if (Iban().IsMatch(text.Trim()))
        {
            return [("account", text.Trim())];
        }

        return Phone().IsMatch(text.Trim()) && !CalendarForm.Is(text.Trim()) && text.Count(char.IsAsciiDigit) is >= 9 and <= 15 && ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Phones, word) >= 0)
            ? [("phone number", text.Trim())] : Mail().Matches(text).Select(static match => ("address", match.Value));
    }

    private static bool IsKnown(KnownText known, string kind, string address)
    {
        if (known.Holds(address) || known.HoldsInGroups(address))
        {
            return true;
        }

        var digits = string.Concat(address.Where(char.IsAsciiDigit));
        return kind switch
        {
            // With or without the code of the country, in whatever groups.
            "phone number" => known.HoldsInGroups(digits[^LastDigits..]),
            "account" => known.HoldsInGroups(digits[^Math.Min(LastDigits, digits.Length)..]),
            _ => IsKnownMail(known, address),
        };
    }

    private static bool IsKnownMail(KnownText known, string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var (own, domain) = (address[..at], address[(at + 1)..]);

        // A domain that nobody owns is a placeholder, and one that others of the run are at shows how its addresses are made; where the run only says how, too.
        if (Placeholder().IsMatch(domain) || known.Holds("@" + domain) || known.Texts.Any(static text => Rule().IsMatch(text)))
        {
            return true;
        }

        // "My gmail, ola.berg", "ola dot berg at gmail dot com".
        var provider = domain[..(domain.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? dot : domain.Length)];
        return (known.Holds(own) && known.Holds(provider)) || known.Texts.Any(text => text.Length <= 20_000 && Written(text).Contains(address, StringComparison.OrdinalIgnoreCase));
    }

    private static string Written(string text) => Dots().Replace(Ats().Replace(text, "@"), ".");

    // The agent had proposed it, and a user spoke after that.
    private static bool IsAgreed(AgentRun run, ModelStep asker, string address)
    {
        var isProposed = false;
        foreach (var model in run.Models.Where(model => model.Number <= asker.Number))
        {
            foreach (var message in model.Input)
            {
                isProposed |= message.Role == "assistant" && message.Texts.Any(text => text.Text.Contains(address, StringComparison.OrdinalIgnoreCase));
                if (isProposed && message.Role == "user" && message.Texts.Count > 0)
                {
                    return true;
                }
            }

            isProposed |= model != asker && model.Said.Any(text => text.Text.Contains(address, StringComparison.OrdinalIgnoreCase));
        }

        return false;
    }

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, string kind, string address)
    {
        var name = StepFindings.Say(call);

        // Where a record says that there is none, that is why one was made up.
        var missing = run.Tools.Where(tool => tool.Number < call.Number && tool is { Failure: null, Result: not null }).SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value))
            .LastOrDefault(static other => other.Value.ValueKind == JsonValueKind.Null && ToolWords.Of(other.Name) is [.., "email" or "mail" or "address" or "phone" or "mobile" or "iban" or "contact"]);
        List<Fact> facts = [call.Arguments!.Say($"{name} was given {Words.Short(address, 60)}.", value.Pointer, value.Value.ToString())];
        if (missing is not null)
        {
            facts.Add(missing.Source.Result!.Say($"{StepFindings.Say(missing.Source)} had returned null as {Words.Name(missing.Name)}.", missing.Pointer));
        }

        return StepFindings.At(
            call.Asker!, "made_up_address", "invented_value", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} with {Words.Short(address, 60)} as {Words.Name(value.Name)}, {(kind == "phone number" ? "a" : "an")} {kind} that does not occur in anything that the run had seen before.",
            facts, $"Let {name} take recipients from records only, and have the agent ask where no {kind} is known.", "made_up_address", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    // A program whose name says that it mails, and not one that only keeps an address.
    [GeneratedRegex(@"(?:^|[;&|]\s*|\b(?:sh|bash|python3?|node|ruby|perl)\s+)(?:[^\s;&|]*/)?(?:[\w-]*mail[\w-]*(?:\.(?:sh|py|rb|js|pl))?|mutt|swaks|msmtp)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mailing();

    [GeneratedRegex(@"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mail();

    [GeneratedRegex(@"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Iban();

    [GeneratedRegex(@"^(?:tel:)?\+?[\d(][\d ()./-]{7,}\d$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^(?:[\w-]+\.)*(?:example\.(?:com|org|net)|localhost|invalid|test)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?:first|last|given|sur|full|user|vor|nach)[_. ]?name\b[^\n]{0,30}@|@[^\n]{0,60}\b(?:first|last)[_. ]?name|\{(?:first|last|user|name)[^}\n]*\}\s*@|<(?:first|last|user|name)[^>\n]*>\s*@|\b(?:e-?mails?|addresses)\b[^.\n]{0,40}\b(?:format|pattern|convention|have the form|are formed|are built)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\s*[(\[]?\s*\b(?:at|ät|arroba|arobase|chiocciola|klammeraffe)\b\s*[)\]]?\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ats();

    [GeneratedRegex(@"\s*[(\[]?\s*\b(?:dot|punkt|punto|point|ponto)\b\s*[)\]]?\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Dots();
}
