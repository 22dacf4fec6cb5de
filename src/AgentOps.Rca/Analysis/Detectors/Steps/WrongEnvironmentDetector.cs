using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A change in production where the only environment that users had named is another one, such as staging.
/// </summary>
internal sealed partial class WrongEnvironmentDetector : IDetector
{
    private const double Strength = 2.5;
    private const int MostText = 4_000;
    private const string Production = "production";
    private static readonly string[] Clients = ["kubectl", "terraform", "helm", "aws", "gcloud", "az"];
    private static readonly string[] Names = ["env", "environment", "stage", "workspace", "cluster", "namespace", "context", "target", "profile", "database", "db", "instance", "host", "umgebung", "entorno", "ambiente", "environnement", "omgeving"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in run.Tools.Where(static tool => tool is { IsHandoff: false, Asker: not null, Arguments: not null }))
        {
            // What is meant for production may be tried elsewhere first.
            if (GivenTo(call) is not { Environment: Production } given || Named(run, call) is not { } named || named.Environment == Production)
            {
                continue;
            }

            return [Describe(run, call, given, named)];
        }

        return [];
    }

    // What a call acts on: an argument of that name, or an option or a workspace of a command.
    private static (string Environment, string Words)? GivenTo(ToolStep call)
    {
        if ((CommandCall.TextOf(call) ?? ClientOf(call)) is { } command)
        {
            return command.Length <= MostText && !CommandCall.OnlyLooks(call) && Acting().Match(command) is { Success: true } acting && KindOf(acting.Groups["env"].Value) is { } environment
                && !DryRun().IsMatch(command) ? (environment, acting.Value.Trim()) : null;
        }

        if (Changes.Reads(call.Tool) || !(ToolWords.Writes(call.Tool) || ToolWords.Of(call.Tool).Any(static word => word is "run" or "apply" or "execute" or "rollout" or "invoke" or "start" or "trigger" or "restart" or "scale" or "migrate" or "purge")) || DryRun().IsMatch(call.Arguments!.Text))
        {
            return null;
        }

        return ResultValue.In(call, call.Arguments.Value).Where(static value => value.Value.ValueKind == System.Text.Json.JsonValueKind.String && ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Names, word) >= 0))
            .Select(static value => (Environment: KindOf(value.Value.GetString()!), Words: value.Value.GetString()!)).Where(static value => value.Environment is not null).Select(static value => ((string, string)?)(value.Environment!, value.Words)).FirstOrDefault();
    }

    // A tool that is a client of the command line and is given what would stand behind its name there.
    private static string? ClientOf(ToolStep call) => Array.IndexOf(Clients, call.Tool.ToLowerInvariant()) >= 0 && call.Arguments!.Value is { ValueKind: System.Text.Json.JsonValueKind.Object } given
        && given.TryGetProperty("args", out var words) ? $"{call.Tool.ToLowerInvariant()} {(words.ValueKind == System.Text.Json.JsonValueKind.Array ? string.Join(' ', words.EnumerateArray().Select(static word => word.ToString())) : words.ToString())}" : null;

    // The one environment that users named; where they named several nobody knows here which one was meant.
    private static (string Environment, Passage Text, string Words)? Named(AgentRun run, ToolStep call)
    {
        (string Environment, Passage Text, string Words)? named = null;
        foreach (var text in run.SaidByUsers(call.Asker).Where(static text => text.Text.Length <= MostText))
        {
            foreach (Match match in Environment().Matches(text.Text))
            {
                if (KindOf(match.Value) is not { } kind)
                {
                    continue;
                }

                if (named is { } other && other.Environment != kind)
                {
                    return null;
                }

                named ??= (kind, text, match.Value);
            }
        }

        return named;
    }

    private static string? KindOf(string words) => Prod().IsMatch(words) ? (Lower().IsMatch(words) ? null : Production) : Lower().Match(words) is { Success: true } lower ? lower.Value.ToLowerInvariant() switch
    {
        "stage" or "stg" => "staging",
        "testing" => "test",
        "development" => "dev",
        var other => other,
    } : null;

    private static Finding Describe(AgentRun run, ToolStep call, (string Environment, string Words) given, (string Environment, Passage Text, string Words) named)
    {
        var asker = (AgentStep)call.Asker!;
        return StepFindings.At(
            asker, "wrong_environment", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} for {StepFindings.Quote(given.Words, 80)}, though the only environment that the user had named is {StepFindings.Quote(named.Words, 40)}.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given {StepFindings.Quote(given.Words, 80)}.", "", given.Words),
                named.Text.Say("What the user had said.", named.Words),
            ],
            $"Give {StepFindings.Say(call)} one environment by its configuration, or have a person confirm each change of another one.", "wrong_environment",
            explains: run.Tools.Where(later => later.Number >= call.Number).Take(50).SelectMany(static later => new AgentStep?[] { later, later.Asker }).OfType<AgentStep>().Concat(run.Answering is { } answering ? [answering] : []));
    }

    [GeneratedRegex(@"(?<![\w-])(?:staging|stage|stg|production|prod|preprod|pre-production|uat|qa|sandbox|dev|development|test|testing)(?=\s+(?:environment|env|cluster|namespace|database|db|server|instance|system|workspace|account|stage|first|only|umgebung|system|datenbank)\b)|(?<=\b(?:on|in|to|for|at|into|auf|in|im|nach|en|sur|su|op|em)\s+(?:the |our |der |dem |das |le |la |el )?)(?:staging|stage|stg|production|prod|preprod|uat|qa|sandbox|dev)(?![\w/-]|\.\w)|(?<![\w/.-])(?:staging(?!\s+(?:areas?|tables?|folder|directory|branch|schema|bucket|files?)\b)|production|prod|preprod|uat)(?![\w/-]|\.\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Environment();

    [GeneratedRegex(@"(?<![A-Za-z])(?:prod|production|prd)(?![A-Za-z])|(?<![A-Za-z])live(?=[-_ ](?:system|env|db|cluster))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Prod();

    [GeneratedRegex(@"(?<![A-Za-z])(?:staging|stage|stg|preprod|uat|qa|sandbox|dev|development|test|testing)(?![A-Za-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Lower();

    // What commands act on is told by an option, by a workspace or a context that is chosen, or by the name of what is deployed to.
    [GeneratedRegex(@"\bterraform\b[^;&|\n]{0,80}\bworkspace select (?<env>[\w-]{2,40})|\bkubectl\b[^;&|\n]{0,40}\bconfig use-context (?<env>[\w-]{2,40})|\b(?:kubectl|helm|terraform|pulumi|ansible-playbook|fly|heroku|vercel|serverless|sls|sam|cdk|eb|az|gcloud|aws|make|npm run|yarn|pnpm|rake|cap|dotnet ef|alembic|flyway|liquibase|\./?[\w/.-]*deploy[\w.-]*)\b(?=[^;&|\n]{0,200}\b(?:apply|deploy|delete|destroy|up|scale|rollout|restart|upgrade|install|migrate|update|set|push|promote|release|publish|create|patch|drop|purge|seed|run)\b)[^;&|\n]{0,200}?(?:(?:--?(?:env|environment|e|stage|s|namespace|n|context|kube-context|profile|workspace|target|var-file|config)[= ]|\bENV=|\bSTAGE=)['""]?(?<env>[\w./-]{2,60})|\bdeploy[:_-](?<env>[\w-]{2,20})\b)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Acting();

    [GeneratedRegex(@"--dry[-_]?run\b|""dry_?run""\s*:\s*true|--whatif\b|--check\b|\bplan\b|\bdiff\b|\b(?:get|describe|logs|list|show|status)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DryRun();
}
