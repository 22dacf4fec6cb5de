using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// The commands that a call ran in a shell, each as program and sub-command: <c>pytest</c>, <c>git diff</c>, <c>npm test</c>. What only leads to
/// them (<c>cd</c>, assignments, <c>sudo</c>, <c>timeout 60</c>) and what comes behind a pipe is left out.
/// </summary>
internal static partial class CommandCall
{
    private const int MostText = 20_000;
    private static readonly string[] Members = ["command", "cmd", "commands", "command_line", "commandLine", "cmdline", "shell_command", "bash_command", "keystrokes", "script"];
    private static readonly HashSet<string> ShellWords = ["bash", "shell", "sh", "zsh", "terminal", "powershell", "pwsh", "cmd", "command", "commands", "console", "exec", "run", "execute", "sandbox", "ssh"];
    private static readonly HashSet<string> Shells = ["bash", "sh", "zsh", "dash", "ash", "ksh", "fish", "pwsh", "powershell", "cmd"];
    private static readonly HashSet<string> Leading = ["cd", "pushd", "popd", "export", "set", "unset", "source", ".", "echo", "printf", "true", ":", "sleep", "pwd", "wait", "then", "else", "fi", "do", "done", "alias", "shopt", "ulimit", "umask", "trap", "exit"];
    private static readonly HashSet<string> Wrappers = ["sudo", "env", "time", "timeout", "nice", "nohup", "stdbuf", "command", "exec", "xvfb-run", "npx", "bunx", "pnpx", "uvx", "if", "while", "!", "doas", "chronic", "unbuffer"];
    private static readonly Dictionary<string, string> RunsAnother = new(StringComparer.Ordinal) { ["uv"] = "run", ["poetry"] = "run", ["pipenv"] = "run", ["hatch"] = "run", ["pdm"] = "run", ["rye"] = "run", ["bundle"] = "exec", ["pnpm"] = "exec" };
    private static readonly HashSet<string> Interpreters = ["python", "node", "ruby", "perl", "php", "deno", "bun", "tsx", "ts-node", "rscript", "julia", "lua", "java", "bash", "sh", "zsh", "pwsh", "powershell"];

    // Programs that do what their first word says; the second group needs two.
    private static readonly HashSet<string> HasVerb =
    [
        "git", "kubectl", "oc", "helm", "docker", "podman", "docker-compose", "npm", "yarn", "pnpm", "bun", "deno", "cargo", "rustup", "dotnet", "go", "terraform", "tofu", "pulumi", "pip", "pip3", "pipx", "uv",
        "poetry", "conda", "mamba", "apt", "apt-get", "yum", "dnf", "apk", "brew", "systemctl", "service", "make", "just", "task", "mvn", "gradle", "gradlew", "mvnw", "rails", "rake", "bundle", "gem", "composer",
        "artisan", "manage.py", "alembic", "flyway", "liquibase", "prisma", "supabase", "vercel", "fly", "flyctl", "heroku", "netlify", "firebase", "wrangler", "argocd", "flux", "vault", "consul", "nomad", "minikube",
        "kind", "airflow", "dbt", "dvc", "mlflow", "twine", "hatch", "tox", "nox", "bazel", "buck", "nx", "turbo", "lerna", "ansible-galaxy", "redis-cli", "svn", "hg", "jj", "snap", "choco", "winget", "mix", "stack", "cabal",
    ];

    private static readonly HashSet<string> HasTwoVerbs = ["aws", "gcloud", "az", "gh", "glab", "doctl", "oci", "ibmcloud", "openstack", "linode-cli", "hcloud", "stripe"];
    private static readonly HashSet<string> TakesValue = ["-n", "--namespace", "-C", "--context", "--kubeconfig", "--git-dir", "--work-tree", "-c", "-f", "--file", "--profile", "--region", "--project", "--directory", "--prefix", "--workspace", "-w", "-H", "--host", "-u", "--user", "-k", "-s", "--filter"];

    // They look and change nothing: that one of them found nothing is part of looking around.
    private static readonly HashSet<string> Looks =
    [
        "ls", "cat", "head", "tail", "less", "more", "grep", "egrep", "fgrep", "rg", "ag", "ack", "find", "fd", "tree", "stat", "file", "which", "type", "whereis", "test", "[", "[[", "wc", "diff", "cmp", "pgrep", "ps", "df", "du", "env", "printenv",
        "whoami", "id", "hostname", "uname", "date", "jq", "sort", "uniq", "cut", "awk", "nl", "readlink", "realpath", "dirname", "basename", "locate", "man", "git status", "git log", "git diff", "git show", "git grep", "git branch", "git blame",
        "git rev-parse", "git ls-files", "git remote", "pip show", "pip list", "npm ls", "npm view", "npm list", "docker ps", "docker images", "docker logs", "kubectl get", "kubectl describe", "kubectl logs",
    ];

    private static readonly HashSet<string> Bringing = ["apply", "build", "create", "delete", "deploy", "import", "install", "migrate", "migration", "promote", "provision", "publish", "push", "release", "restart", "restore", "rollback", "rollout", "scale", "send", "sync", "upgrade", "upload"];

    // Their exit code 1 says that there is no match, or that there is a difference.
    private static readonly HashSet<string> AnswersByExit = ["grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "git grep", "pgrep", "test", "[", "[[", "which", "type", "command", "diff", "cmp", "git diff", "fd", "lsof", "pidof", "expr"];

    /// <summary>The text that a call gave to a shell, or null when it ran no command.</summary>
    public static string? TextOf(ToolStep tool)
    {
        if (tool.Arguments is not { } arguments)
        {
            return null;
        }

        var isShell = ToolWords.Of(tool.Tool).Any(ShellWords.Contains);
        var value = arguments.Value;
        if (value.ValueKind == JsonValueKind.Object)
        {
            var name = Array.Find(Members, member => value.TryGetProperty(member, out var at) && at.ValueKind is JsonValueKind.String or JsonValueKind.Array);
            if (name is null)
            {
                return null;
            }

            value = value.GetProperty(name);

            // SWE-agent's calls are named after the first word of their command.
            isShell |= value.ValueKind == JsonValueKind.String && value.GetString()!.TrimStart() is var words && words.StartsWith(tool.Tool, StringComparison.Ordinal)
                && (words.Length == tool.Tool.Length || char.IsWhiteSpace(words[tool.Tool.Length]));
        }
        else if (!isShell)
        {
            return null;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.String when isShell => value.GetString(),
            JsonValueKind.Array when isShell && value.GetArrayLength() > 0 && value.EnumerateArray().All(static word => word.ValueKind == JsonValueKind.String) =>
                OfWords([.. value.EnumerateArray().Select(static word => word.GetString()!)]),
            _ => null,
        };
        return text is null || text.Length <= MostText ? text : text[..MostText];
    }

    /// <summary>The commands that a call ran, in their order; empty when it ran none.</summary>
    public static IReadOnlyList<string> Of(ToolStep tool) => TextOf(tool) is { } text ? Of(text) : [];

    /// <summary>The commands in a text for a shell, in their order. Those that only lead to others count where there are no others.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var all = Pipelines(text).Select(static pipeline => NameOf(pipeline[0])).OfType<string>().ToList();
        return all.FindAll(static name => !Leading.Contains(name)) is { Count: > 0 } telling ? telling : all;
    }

    /// <summary>Whether a call only looked around.</summary>
    public static bool OnlyLooks(ToolStep tool) => tool.Commands is { Count: > 0 } names && names.All(Looks.Contains);

    /// <summary>Whether the last command of a call is to bring something about, as its name tells: a deployment, a migration, a push.</summary>
    public static bool BringsAbout(ToolStep tool) => tool.Commands is { Count: > 0 } names && ToolWords.Of(names[^1]).Any(static word => Bringing.Contains(word));

    /// <summary>Whether a call failed because a program is not there.</summary>
    public static bool IsMissingProgram(ToolStep tool) => tool.Failure is { } failure && tool.Commands.Count > 0
        && MissingProgram().IsMatch(failure.Words.Length > 0 ? failure.Words : (tool.Result ?? tool.Told)?.Text ?? "");

    /// <summary>Whether these commands end with a comparison, whose exit code 1 says that there is a difference.</summary>
    public static bool Compares(string text) => Pipelines(text) is { Count: > 0 } pipelines && NameOf(pipelines[^1][^1]) is "diff" or "cmp" or "git diff";

    /// <summary>Whether these commands end with a pipe into a program that only shows or keeps what it is given.</summary>
    public static bool EndsInPipe(string text) => !text.Contains("pipefail", StringComparison.Ordinal)
        && Pipelines(text) is { Count: > 0 } pipelines && pipelines[^1] is { Count: > 1 } last && NameOf(last[^1]) is "tail" or "head" or "tee" or "cat" or "less" or "more" or "grep" or "sed" or "awk" or "nl";

    /// <summary>
    /// Whether the exit code of these commands is not that of their work: what comes behind it only says a word or is well in any
    /// case (<c>|| true</c>). What may fail without harm, such as to remove what is not there, is no work.
    /// </summary>
    public static bool HidesExitCode(string text)
    {
        var pipelines = Pipelines(text, out var ends);
        for (var i = 0; i + 1 < pipelines.Count; i++)
        {
            if (NameOf(pipelines[i][^1]) is { } work && !Leading.Contains(work) && !Looks.Contains(work) && !Clears().IsMatch(work) && NameOf(pipelines[i + 1][0]) is "true" or ":" or "echo" or "printf" or "exit"
                && (ends[i] == "||" || (ends[i] is ";" or "\n" && i + 2 == pipelines.Count)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the exit code 1 of these commands is an answer, as that of a search without a match is: the last one decides.</summary>
    public static bool AnswersByExitCode(string text) =>
        Pipelines(text) is { Count: > 0 } pipelines && NameOf(pipelines[^1][^1]) is { } last && AnswersByExit.Contains(last);

    private static string OfWords(List<string> words)
    {
        var shell = words.Count > 2 && Shells.Contains(Base(words[0])) && words[1].StartsWith('-') && words[1].EndsWith('c');
        return shell ? words[^1] : words.Count == 1 ? words[0] : string.Join(' ', words.Select(static word => NeedsQuotes().IsMatch(word) ? $"'{word}'" : word));
    }

    // Program and sub-command of one simple command, or null when there is none.
    private static string? NameOf(List<string> words)
    {
        var at = 0;
        while (at < words.Count)
        {
            var word = words[at];
            if (Assignment().IsMatch(word))
            {
                at++;
            }
            else if (Wrappers.Contains(Base(word)) && at + 1 < words.Count)
            {
                at++;
                while (at < words.Count && (words[at].StartsWith('-') || Span().IsMatch(words[at])))
                {
                    at++;
                }
            }
            else if (RunsAnother.TryGetValue(Base(word), out var verb) && at + 2 < words.Count && words[at + 1] == verb)
            {
                at += 2;
                while (at < words.Count && words[at].StartsWith('-'))
                {
                    at++;
                }
            }
            else
            {
                break;
            }
        }

        return at >= words.Count ? null : Named(Base(words[at]), [.. words.Skip(at + 1)]);
    }

    private static string Named(string program, List<string> rest)
    {
        if (Interpreters.Contains(program))
        {
            var module = rest.IndexOf("-m");
            if (module >= 0 && module + 1 < rest.Count && program == "python")
            {
                return Named(rest[module + 1], rest[(module + 2)..]);
            }

            return rest.Find(static word => !word.StartsWith('-')) is { } script && rest[0] is not ("-c" or "-e" or "-") ? Named(Base(script), [.. rest.SkipWhile(word => word != script).Skip(1)]) : program;
        }

        var verbs = HasTwoVerbs.Contains(program) ? 2 : HasVerb.Contains(program) ? 1 : 0;
        List<string> name = [program];
        for (var i = 0; i < rest.Count && name.Count <= verbs; i++)
        {
            if (rest[i].StartsWith('-') || rest[i].StartsWith('+'))
            {
                i += TakesValue.Contains(rest[i]) ? 1 : 0;
            }
            else if (Verb().IsMatch(rest[i]) && !(name.Count == 1 && rest[i] is "run" && program is ("npm" or "yarn" or "pnpm" or "bun")))
            {
                name.Add(rest[i]);
            }
        }

        return string.Join(' ', name);
    }

    // python3.11 is python, ./gradlew is gradlew, C:\tools\make.exe is make.
    private static string Base(string word)
    {
        var name = word[(word.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        name = name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
        return Version().Replace(name, "$1");
    }

    // Words in quotation marks stay one word; what stands in a here-document, a comment or a redirection is left out.
    private static List<List<List<string>>> Pipelines(string text) => Pipelines(text, out _);

    private static List<List<List<string>>> Pipelines(string text, out List<string> ends)
    {
        List<List<List<string>>> pipelines = [];
        ends = [];
        List<List<string>> pipeline = [];
        List<string> words = [];
        text = HereDocument().Replace(text, " ${rest}\n");
        foreach (Match token in Token().Matches(text))
        {
            var value = token.Value;
            if (token.Groups["word"].Success)
            {
                words.Add(Quotes().Replace(value, ""));
                continue;
            }

            if (token.Groups["end"].Success)
            {
                if (words.Count > 0)
                {
                    pipeline.Add(words);
                    words = [];
                }

                if (value is not ("|" or "|&") && pipeline.Count > 0)
                {
                    pipelines.Add(pipeline);
                    ends.Add(value);
                    pipeline = [];
                }
            }
        }

        if (words.Count > 0)
        {
            pipeline.Add(words);
        }

        if (pipeline.Count > 0)
        {
            pipelines.Add(pipeline);
        }

        return pipelines;
    }

    [GeneratedRegex(@"(?<comment>(?<=^|\s)\#[^\n]*)|(?<redirection>\d?(?:>>?|<)&?\s?[^\s;|&()]+|&>>?\s?[^\s;|&()]+)|(?<end>&&|\|\||\|&|;;?|\||&|\n|[(){}](?=\s|$|;))|(?<word>(?:""(?:\\.|[^""\\])*""?|'[^']*'?|\\.|[^\s;|&""'\\])+)", RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Token();

    [GeneratedRegex(@"<<-?\s*(?<mark>['""]?)(?<name>\w+)\k<mark>(?<rest>(?>[^\n]*))\n.*?(?:^\s*\k<name>\s*$|\z)", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"^(?:rm|rmdir|unlink|mkdir|ln|touch|kill|pkill|killall|umount|dropdb|dropuser|createdb|createuser|useradd|groupadd|deactivate|chmod|chown|(?:docker|podman|docker-compose|kubectl|oc|helm|git|systemctl|service|npm|pip3?|brew|apt|apt-get|terraform|minikube|kind|pm2|tmux)(?: (?:rm|rmi|stop|kill|down|delete|uninstall|remove|branch|remote|stash|disable|purge|prune|kill-session|kill-server|clean|config|init|tag|create))?)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Clears();

    [GeneratedRegex(@"\bcommand not found\b|: not found\s*$|\bis not recognized as\b|\bexecutable file not found\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex MissingProgram();

    [GeneratedRegex(@"['""]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Quotes();

    [GeneratedRegex(@"[\s;|&""]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NeedsQuotes();

    [GeneratedRegex(@"^[A-Za-z_]\w*=", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\d+(?:\.\d+)?[smhd]?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Span();

    [GeneratedRegex(@"^[a-z][\w:.-]*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Verb();

    [GeneratedRegex(@"^(python|pip|node|ruby|perl|php|lua)[\d.]+$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Version();
}
