using System.Text.RegularExpressions;

namespace AgentOps.Rca.Redaction;

/// <summary>Secrets, by shape where issuers give them one, by the name in front of them, and by how random they look.</summary>
internal static partial class SecretPatterns
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant;
    private const RegexOptions AnyCase = Plain | RegexOptions.IgnoreCase;

    private const string Names =
        @"pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|account[_-]?key|private[_-]?key|signing[_-]?key|"
        + @"encryption[_-]?key|shared[_-]?access[_-]?key|client[_-]?secret|auth[_-]?token|session[_-]?(?:id|token)|credentials?|cookie|x-api-key";

    /// <summary>In the order in which they are looked for: the longest shapes first.</summary>
    public static IReadOnlyList<RedactionPattern> All { get; } =
    [
        new("SECRET", Pem),
        new("SECRET", UserInfo),
        new("SECRET", Jwt),
        new("SECRET", IssuedKey),
        new("SECRET", Authorization),
        new("SECRET", NamedInQuotes),
        new("SECRET", NamedBare, value => !IsHarmlessWord(value)),
        new("SECRET", LongToken, RandomText.LooksRandom),
    ];

    /// <summary>The secrets in a text that their issuer or the name in front of them makes one; what only looks random may be an id.</summary>
    public static IEnumerable<Group> SureIn(string text) => All.Where(static pattern => pattern.Accept != RandomText.LooksRandom)
        .SelectMany(pattern => pattern.Find.Matches(text).Select(static match => match.Groups["secret"] is { Success: true } part ? part : match.Groups[0]).Where(part => pattern.Accept?.Invoke(part.Value) != false));

    private static bool IsHarmlessWord(string value) => value.ToUpperInvariant() is
        "NULL" or "NONE" or "TRUE" or "FALSE" or "IS" or "WAS" or "HAS" or "EXPIRED" or "INVALID" or "MISSING" or "REQUIRED" or "USAGE" or "COUNT"
        or "LIMIT" or "BUDGET" or "ACCESS" or "AUTH" or "AUTHENTICATION" or "AUTHORIZATION" or "BEARER" or "REFRESH" or "NOT" or "DENIED" or "REJECTED" or "REVOKED" or "FAILED" or "UNKNOWN";

    // The end may be missing where a text was cut.
    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE)[A-Z ]{0,10}-----.*?(?:-----END [A-Z0-9 ]{0,60}-----|\z)", Plain | RegexOptions.Singleline)]
    private static partial Regex Pem { get; }

    // The user ends at the first colon, so there is one way to read it.
    [GeneratedRegex(@"[a-z][a-z0-9+.-]{1,30}://(?<secret>[^\s/@:""'<>]{0,200}:[^\s/""'<>]{1,300})@", AnyCase)]
    private static partial Regex UserInfo { get; }

    // A run of these characters is looked at once, from its beginning, and only when a full stop ends it: a token may begin at each of its
    // words, and a search from each to the end of the run is quadratic.
    [GeneratedRegex(@"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]{11,}\.)[A-Za-z0-9_-]*?\b(?<secret>eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,4})", Plain)]
    private static partial Regex Jwt { get; }

    [GeneratedRegex(
        @"(?<![A-Za-z0-9])(?:"
        + @"sk-(?:proj-|ant-[a-z0-9]+-|or-v1-|svcacct-)?[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{16,}|xai-[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}|"
        + @"(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,20}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}|GOCSPX-[A-Za-z0-9_-]{16,}|"
        + @"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_.-]{16,}|ATATT3[A-Za-z0-9_=-]{20,}|"
        + @"xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,}|"
        + @"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|"
        + @"key-[a-f0-9]{32}|(?:SK|AC)[a-f0-9]{32}|npm_[A-Za-z0-9]{20,}|pypi-[A-Za-z0-9_-]{16,}|rubygems_[a-f0-9]{20,}|hf_[A-Za-z0-9]{20,}|"
        + @"do[opr]_v1_[a-f0-9]{20,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}|sb_(?:secret|publishable)_[A-Za-z0-9_-]{16,}|sbp_[a-f0-9]{20,}|"
        + @"hv[sbr]\.[A-Za-z0-9_-]{20,}|dckr_pat_[A-Za-z0-9_-]{16,}|lin_api_[A-Za-z0-9]{20,}|nvapi-[A-Za-z0-9_-]{20,}|tvly-[A-Za-z0-9-]{16,}|"
        + @"\d{8,10}:AA[A-Za-z0-9_-]{30,}|glsa_[A-Za-z0-9_]{20,}|NRAK-[A-Z0-9]{20,}|PMAK-[A-Za-z0-9-]{20,}|dapi[a-f0-9]{32}|EAAC[A-Za-z0-9]{16,})",
        Plain)]
    private static partial Regex IssuedKey { get; }

    [GeneratedRegex(@"\b(?:bearer|basic|digest|token|apikey)\s+(?<secret>[A-Za-z0-9._~+/=-]{12,})", AnyCase)]
    private static partial Regex Authorization { get; }

    // JSON, possibly inside a JSON string, and quoted assignments: the value ends at the quote that opened it.
    [GeneratedRegex(
        @"(?:" + Names + @")[A-Za-z0-9_]{0,20}\\{0,16}[""']?\s*[:=]\s*(?<open>\\{0,16}[""'])(?<secret>(?:(?!\k<open>).){1,4000})\k<open>", AnyCase | RegexOptions.Singleline)]
    private static partial Regex NamedInQuotes { get; }

    [GeneratedRegex(@"(?:" + Names + @")(?:\s*[:=]\s*|\s+is\s+)(?<secret>[^\s""'\\,;&<>{}\[\]]{3,4000})", AnyCase)]
    private static partial Regex NamedBare { get; }

    [GeneratedRegex(@"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{20,}={0,2}", Plain)]
    private static partial Regex LongToken { get; }
}
