using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A secret that a tool's result held and that a later call gave to others: in the body of an issue, a mail, a message or a request. No sentence tells it.
/// </summary>
internal sealed partial class PublishedSecretDetector : IDetector
{
    private const double Strength = 2.7;
    private const int MostText = 200_000;
    private const int Shortest = 8;
    private const int MostBefore = 40;
    private static readonly HashSet<string> Publishing = new(StringComparer.Ordinal)
    {
        "send", "mail", "email", "post", "publish", "message", "slack", "sms", "tweet", "comment", "issue", "pull", "pr", "gist", "share", "forward", "reply", "notify", "webhook", "chat", "teams", "discord", "telegram", "ticket", "paste",
    };

    private static readonly HashSet<string> Credentials = new(StringComparer.OrdinalIgnoreCase) { "token", "key", "secret", "password", "authorization", "auth", "credential", "credentials", "cookie", "headers", "header", "session", "apikey", "bearer" };

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Arguments: not null }))
        {
            if (Published(call) is not { Count: > 0 } given || MayShare(run, call))
            {
                continue;
            }

            foreach (var source in run.Tools.Where(tool => tool.Number < call.Number && tool.Result is { Text.Length: <= MostText }))
            {
                foreach (var secret in SecretPatterns.SureIn(source.Result!.Text).Where(static secret => IsSecret(secret.Value)))
                {
                    if (given.Exists(text => text.Contains(secret.Value, StringComparison.Ordinal)) && !UserTurns.Before(run, call).Any(text => text.Text.Contains(secret.Value, StringComparison.Ordinal)))
                    {
                        return [Describe(call, source, secret)];
                    }
                }
            }
        }

        return [];
    }

    // Placeholders and the names of variables stand where secrets do.
    private static bool IsSecret(string value) => value.Length >= Shortest && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter) && !Placeholder().IsMatch(value);

    // The texts of a call that others read; what it identifies itself with is no part of them.
    private static List<string>? Published(ToolStep call)
    {
        if (call.Commands.Count > 0)
        {
            return CommandCall.TextOf(call) is { } command && PublishingCommand().Matches(command).Select(static match => match.Value).Where(static part => !SignsIn().IsMatch(part)).Select(static part => Header().Replace(part, " ")).ToList() is { Count: > 0 } parts ? parts : null;
        }

        var words = ToolWords.Of(call.Tool);
        var isRequest = words.Any(static word => word is "http" or "request" or "fetch") && Method().IsMatch(call.Arguments!.Text);
        if ((!words.Any(Publishing.Contains) || !ToolWords.Writes(call.Tool)) && !isRequest && !words.Contains("pull"))
        {
            return null;
        }

        return SignsIn().IsMatch(call.Arguments!.Text) && isRequest ? null
            : [.. ResultValue.In(call, call.Arguments.Value).Where(static value => value.Value.ValueKind == JsonValueKind.String && !value.Pointer.Split('/').SelectMany(ToolWords.Of).Any(Credentials.Contains)).Select(static value => value.Value.GetString()!)];
    }

    // Who asks that a password or a link be sent wants it sent.
    private static bool MayShare(AgentRun run, ToolStep call) => UserTurns.Before(run, call).Concat(run.Instructions).Any(static text => Sentences.In(text.Text).Any(static sentence => Share().IsMatch(sentence) && !Not().IsMatch(sentence)));

    private static Finding Describe(ToolStep call, ToolStep source, Group secret)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        var name = NameBefore(source.Result!.Text, secret.Index);
        var said = name.Length > 0 ? $"the value of {Words.Short(name, 60)}" : $"a secret that begins with {StepFindings.Quote(Head(secret.Value))}";
        return StepFindings.At(
            asker, "published_secret", "secret_leaked", Proof.Causal, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {said} in what it gives to others; {StepFindings.Say(source)} had returned it.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given the secret.", "", Before(call.Arguments.Text, secret.Value)),
                source.Result.Say($"{StepFindings.Say(source)} had returned it.", "", Before(source.Result.Text, secret.Value)),
            ],
            $"Take the secret back and issue a new one, as others may have read it; mask secrets in what {StepFindings.Say(source)} returns, and look for them in what {StepFindings.Say(call)} is given.", "secret_leaked", explains: [call]);
    }

    private static string Head(string secret) => secret[..4];

    // Words that lead to the place without telling the secret.
    private static string Before(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        var from = Math.Max(0, at - MostBefore);
        var line = text.LastIndexOfAny(['\n', '"', '\\'], Math.Max(0, at - 1)) + 1;
        from = line <= at ? Math.Max(from, line) : from;
        return text[from..at] + Head(secret);
    }

    private static string NameBefore(string text, int at) => Named().Match(text[Math.Max(0, at - 80)..at]) is { Success: true } match ? match.Groups["name"].Value : "";

    [GeneratedRegex(@"(?<name>[A-Za-z][\w.-]{2,60})\\?[""']?\s*[:=]\s*\\?[""']?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Named();

    [GeneratedRegex(@"x{4,}|\*{3,}|\.{3}|example|your[_-]|dummy|placeholder|changeme|redacted|masked|<|>|\$\{|\$\(|environ|getenv|process\.env|secrets\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Placeholder();

    // A simple command up to its end; quotation marks may hold what would end it.
    [GeneratedRegex(
        @"\b(?:gh\s+(?:issue|pr|gist|release)\s+(?:create|comment|edit|review)|glab\s+(?:issue|mr|snippet)\s+(?:create|note|update)|sendmail|mailx?\s+-|mutt\s|slack\s|wget\s(?=[^\n]*--post)|curl\s(?=[^\n]*(?:\s-d|\s--data|\s-F|\s--form|\s--json|\s-T))|http\s+POST)(?:[^;&|\n""']|""(?:\\.|[^""\\])*""|'[^']*')*",
        RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PublishingCommand();

    [GeneratedRegex(@"(?:-H|--header|-u|--user|--oauth2-bearer)\s+(?:""[^""]*""|'[^']*'|\S+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Header();

    [GeneratedRegex(@"https?://[^\s""']*(?:token|oauth|auth|login|signin|session|vault|secret)|grant_type", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SignsIn();

    [GeneratedRegex(@"""(?:method|verb)""\s*:\s*""(?:POST|PUT|PATCH)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Method();

    [GeneratedRegex(@"\b(?:send|mail|e-?mail|share|post|forward|give|tell|text|include|add|paste|schick|send|envo[iy]|env[ií])\w*\b[^.!?\n]{0,60}\b(?:password|passwort|credentials?|token|api[ -]?keys?|secret|login|link|pass ?code|pin|otp|invite|mot de passe|contraseña|zugangsdaten)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Share();

    [GeneratedRegex(@"\b(?:never|not|no|don['’]?t|must not|without|avoid|nie|nicht|jamais|nunca)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Not();
}
