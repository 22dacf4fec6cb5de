using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Tests.Redaction;

/// <summary>
/// Texts as agents and services write them, made from templates: 2,000 that hold a secret or personal data, and 2,000 that hold none.
/// The same seed makes the same texts.
/// </summary>
internal static partial class RedactionCorpus
{
    private const int Size = 2_000;
    private const string Hex = "0123456789abcdef";
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string Base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // {n:alphabet} stands for n characters, {a|b|c} for one of the words; what must not be seen stands between « and ».
    private static readonly string[] Secrets =
    [
        "«sk-{48:a}»", "«sk-proj-{64:a}»", "«sk-ant-api03-{80:a}»", "«gsk_{52:a}»", "«AKIA{16:u}»", "«ghp_{36:a}»", "«github_pat_{22:a}_{59:a}»",
        "«glpat-{20:a}»", "«xoxb-{12:d}-{12:d}-{24:a}»", "«AIza{35:a}»", "«sk_live_{24:a}»", "«SG.{22:a}.{43:a}»", "«npm_{36:a}»", "«hf_{34:a}»",
        "«sb_secret_{31:a}»", "«hvs.{40:a}»", "«eyJhbGciOiJIUzI1NiJ9.eyJ{30:a}.{43:a}»", "«dop_v1_{64:h}»", "«shpat_{32:h}»", "«dapi{32:h}»",
        "Authorization: Bearer «{40:a}»", "Authorization: Basic «{32:a}==»", "x-api-key: «{32:a}»", "password=«{6:l}{4:d}!»", "pwd: «{10:a}»",
        "{\"password\": \"«{12:a}»\"}", "{\"client_secret\":\"«{40:a}»\"}", "API_KEY='«{30:a}»'", "?access_token=«{32:a}»&page=2", "export DB_PASSWORD=«{16:a}»",
        "postgresql://{app|svc}:«{16:a}»@db.internal:5432/orders", "mongodb+srv://root:«{20:a}»@c0.example.net", "Server=db;User Id=sa;Password=«{18:a}»;",
        "AccountKey=«{86:a}==»", "session_id=«{32:h}»", "Set-Cookie: sid=«{40:a}»", "-----BEGIN PRIVATE KEY-----\n«{64:a}\n{40:a}»\n-----END PRIVATE KEY-----",
        "token «{44:a}»", "webhook https://hooks.slack.com/services/«T{8:u}/B{8:u}/{24:a}»", "secret is «{8:a}-{8:a}»",
    ];

    private static readonly string[] Persons =
    [
        "«{6:l}.{8:l}@{7:l}.example.com»", "«{5:l}{2:d}@example.{org|co.uk|museum}»", "\"email\":\"«{4:l}-{4:l}+orders@{6:l}.example»\"",
        "«+31 6 {8:d}»", "«+1 (415) {3:d}-{4:d}»", "«+49 30 {7:d}»", "«020 7{3:d} {4:d}»", "«(030) {3:d} {4:d}»", "phone: «0{3:d}-{3:d}-{4:d}»",
        "card «4{15:L}»", "card «51{14:L}»", "iban «NL{I}»", "iban «DE{I}»",
    ];

    private static readonly string[] Around =
    [
        "The upstream said: {0}", "{0}", "error while calling carrier: {0} (attempt 2)", "log: 12:03:07 INFO retry with {0}", "{{\"note\":\"{0}\"}}",
        "user wrote: please use {0} from now on.", "config loaded: {0}; region=eu-west-1",
    ];

    private static readonly string[] Clean =
    [
        "tool.call/{carrier|stock|search}.{quote|book|list} failed {1:d} times with 429 Too Many Requests at 15:{2:m}:{2:m}",
        "order A-{5:d}, shipment FF-{7:d}, eta 2026-{2:M}-{2:M}T14:30:00Z", "span {8:h}-{4:h}-4{3:h}-9{3:h}-{12:h} started at 17{17:d}",
        "input_tokens {4:d}, max_completion_tokens: 4096 were used", "{checkout|stock|payment}-service-{timeout|retry}-handler in /var/lib/app/releases/current/bin",
        "the {token|password|secret} {is expired|was missing|is invalid|is required}", "GET https://api.example.com/v2/orders/{6:d}?page={1:d}&limit=50 took {3:d} ms",
        "{\"order_id\":\"o-{6:d}\",\"warehouse\":\"{east|west}\",\"available\":true,\"quantity\":{2:d}}", "retry {1:d} of 5 in {3:d} ms, then give up",
        "The {carrier|warehouse|customer} did not answer within {2:d} s; the next attempt is at 16:{2:m}.", "{llama-3.3-70b-versatile|gpt-oss-120b|claude-sonnet-4-5} answered",
        "Thread-{2:d} WARN {order|stock}.py:{3:d} lock wait exceeded {4:d} ms", "price 1{3:d}.{2:d} EUR, weight {2:d}.{1:d} kg, volume 0.{3:d} m3",
        "System.TimeoutException: The operation has timed out. at Orders.Shipping.BookAsync() in Shipping.cs:line {3:d}", "version {1:d}.{2:d}.{1:d}-rc.{1:d}, build {5:d}",
        "customer {5:d} asked where order {6:d} is", "{monday|tuesday|friday} from 09:00 to 17:30, slot {1:d}", "10.{2:d}.0.{2:d}:5432 refused the connection",
        "select id, status from orders where created_at > '2026-01-{2:M}' limit {2:d}", "tracking number 1Z{3:d} is unknown", "isbn 978-3-16-{6:d}-0",
        "HTTP/1.1 {404|429|503} {Not Found|Too Many Requests|Service Unavailable}", "agent.run/order-agent used {4:d} tokens and {1:d} tools", "latitude 52.{4:d}, longitude 4.{4:d}",
        "cache key orders:{6:d}:status missed", "api_key_count={1:d}, token_limit: {4:d}", "temperature=0.{1:d} top_p=0.9 seed={3:d}", "queue depth {4:d}, oldest message {3:d} s",
        "buffers of 1{3:d} 2{3:d} 4{3:d} 8{3:d} bytes", "0000 0001 0002 000{1:d} 0004",
    ];

    /// <summary>Texts that hold something to hide, and what that is.</summary>
    public static IEnumerable<(string Kind, string Text, string[] Hidden)> Positives()
    {
        var random = new Random(20_261_125);
        for (var i = 0; i < Size; i++)
        {
            var isSecret = i % 4 != 3;
            var shape = isSecret ? Secrets[i / 4 * 3 % Secrets.Length == 0 ? i % Secrets.Length : (i * 7) % Secrets.Length] : Persons[i / 4 % Persons.Length];
            var marked = Fill(shape, random);
            var hidden = Marked.Matches(marked).Select(match => match.Groups[1].Value).ToArray();
            var around = Around[random.Next(Around.Length)];
            yield return (isSecret ? "secret" : "personal data", around.Replace("{0}", Unmark(marked), StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal), hidden);
        }
    }

    /// <summary>Texts that hold nothing to hide.</summary>
    public static IEnumerable<string> CleanTexts()
    {
        var random = new Random(20_261_126);
        for (var i = 0; i < Size; i++)
        {
            yield return Fill(Clean[i % Clean.Length], random);
        }
    }

    private static string Unmark(string text) => text.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);

    private static string Fill(string template, Random random) => Place.Replace(template, match =>
    {
        var inside = match.Groups[1].Value;
        if (inside == "I")
        {
            return Iban(random, match.Index > 1 ? template.Substring(match.Index - 2, 2) : "NL");
        }

        if (inside.Contains('|', StringComparison.Ordinal))
        {
            var words = inside.Split('|');
            return words[random.Next(words.Length)];
        }

        var parts = inside.Split(':');
        var count = int.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts[1] switch
        {
            "a" => Draw(Base62, count, random),
            "h" => Draw(Hex, count, random),
            "l" => Draw(Letters, count, random),
            "u" => Draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count, random),
            "d" => Draw("0123456789", count, random),
            "m" => random.Next(60).ToString("00", CultureInfo.InvariantCulture),
            "M" => random.Next(1, 13).ToString("00", CultureInfo.InvariantCulture),
            "L" => Luhn(template[..match.Index], count, random),
            _ => throw new InvalidOperationException(inside),
        };
    });

    private static string Draw(string alphabet, int count, Random random) => string.Create(count, (alphabet, random), static (target, source) =>
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = source.alphabet[source.random.Next(source.alphabet.Length)];
        }
    });

    // Digits that end in Luhn's check digit, together with the digits that stand before them.
    private static string Luhn(string before, int count, Random random)
    {
        var start = new string([.. before.Reverse().TakeWhile(char.IsAsciiDigit).Reverse()]);
        var digits = start + Draw("0123456789", count - 1, random);
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit * 2 > 9 ? (digit * 2) - 9 : digit * 2 : digit;
        }

        return digits[start.Length..] + (char)('0' + ((10 - (sum % 10)) % 10));
    }

    // ISO 13616: the check digits make the number, with the country moved behind and letters as numbers, 1 modulo 97.
    private static string Iban(Random random, string country)
    {
        var account = country == "DE" ? Draw("0123456789", 18, random) : Draw("ABCDEFGHIJ", 4, random) + Draw("0123456789", 10, random);
        var digits = new StringBuilder();
        foreach (var character in account + country + "00")
        {
            digits.Append(char.IsAsciiDigit(character) ? character - '0' : character - 'A' + 10);
        }

        var remainder = 0;
        foreach (var digit in digits.ToString())
        {
            remainder = ((remainder * 10) + digit - '0') % 97;
        }

        return (98 - remainder).ToString("00", CultureInfo.InvariantCulture) + account;
    }

    [GeneratedRegex(@"\{((?:\d+:[a-zA-Z])|I|[^{}""]*\|[^{}""]*)\}")]
    private static partial Regex Place { get; }

    [GeneratedRegex("«([^»]*)»", RegexOptions.Singleline)]
    private static partial Regex Marked { get; }
}
