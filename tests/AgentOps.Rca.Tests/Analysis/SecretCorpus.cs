using System.Text;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>500 secrets and pieces of personal data of 50 shapes, made from a seed.</summary>
internal static class SecretCorpus
{
    public const int Size = 500;

    private const string Hex = "0123456789abcdef";
    private const string Base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string Base64 = Base62 + "+/";
    private const string UpperDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    // {n:alphabet} stands for n characters; what must not be seen is what stands between « and ».
    private static readonly string[] Shapes =
    [
        "key «sk-{48:a}»", "key «sk-proj-{60:a}»", "key «sk-ant-api03-{90:a}»", "«gsk_{52:a}»", "«AKIA{16:u}»", "«ASIA{16:u}»",
        "aws_secret_access_key = «{40:b}»", "«ghp_{36:a}»", "«gho_{36:a}»", "«github_pat_{22:a}_{59:a}»", "«glpat-{20:a}»",
        "«xoxb-{12:d}-{12:d}-{24:a}»", "«xapp-1-{10:u}-{12:d}-{40:h}»", "«AIza{35:a}»", "«ya29.{60:a}»", "«sk_live_{24:a}»", "«rk_live_{24:a}»",
        "«SG.{22:a}.{43:a}»", "«npm_{36:a}»", "«pypi-{80:a}»", "«hf_{34:a}»", "«dop_v1_{64:h}»", "«shpat_{32:h}»", "«key-{32:h}»", "«SK{32:h}»",
        "«sb_secret_{31:a}»", "«sbp_{40:h}»", "«hvs.{90:a}»", "bot «{9:d}:AA{33:a}»", "«eyJhbGciOiJIUzI1NiJ9.eyJ{30:a}.{43:a}»",
        "-----BEGIN RSA PRIVATE KEY-----\n«{64:b}\n{64:b}\n{40:b}»\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n«{64:b}\n{30:b}»",
        "postgresql://app:«{16:a}»@db.internal:5432/orders", "Server=db;User Id=sa;Password=«{18:a}»;", "mongodb+srv://root:«{20:a}»@c0.mongo.net",
        "redis://:«{24:a}»@cache:6379/0", "Authorization: Bearer «{40:a}»", "Authorization: Basic «{32:b}==»", "DefaultEndpointsProtocol=https;AccountKey=«{86:b}==»",
        "{\"password\": \"«{12:a}»\"}", "{\"client_secret\":\"«{40:a}»\"}", "API_KEY=«{30:a}»", "?access_token=«{32:a}»&x=1", "token: «{22:a}»", "«{64:h}»", "raw «{44:a}»",
        "mail «{8:l}.{6:l}+{3:d}@{8:l}.example.com» now", "call «+31 6 {8:d}» now", "card «4{15:L}» now", "account «{22:I}» now",
    ];

    /// <summary>Each text, what of it must not be seen, and the shape that it was made of.</summary>
    public static IEnumerable<(string Shape, string Text, IReadOnlyList<string> Secrets)> All()
    {
        var random = new Random(20_260_314);
        foreach (var shape in Shapes)
        {
            for (var i = 0; i < Size / Shapes.Length; i++)
            {
                var (text, secrets) = Make(shape, random);
                yield return (shape, text, secrets);
            }
        }
    }

    private static (string Text, IReadOnlyList<string> Secrets) Make(string shape, Random random)
    {
        var text = new StringBuilder();
        for (var i = 0; i < shape.Length; i++)
        {
            var end = shape[i] == '{' && i + 1 < shape.Length && char.IsAsciiDigit(shape[i + 1]) ? shape.IndexOf('}', i) : -1;
            if (end < 0)
            {
                text.Append(shape[i]);
                continue;
            }

            var parts = shape[(i + 1)..end].Split(':');
            text.Append(Draw(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1][0], random));
            i = end;
        }

        var whole = text.ToString();
        var secrets = whole[(whole.IndexOf('«', StringComparison.Ordinal) + 1)..whole.IndexOf('»', StringComparison.Ordinal)].Split('\n').ToList();
        return (whole.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal), secrets);
    }

    private static string Draw(int count, char alphabet, Random random) => alphabet switch
    {
        'a' => new string(random.GetItems<char>(Base62, count)),
        'b' => new string(random.GetItems<char>(Base64, count)),
        'u' => new string(random.GetItems<char>(UpperDigits, count)),
        'h' => new string(random.GetItems<char>(Hex, count)),
        'd' => new string(random.GetItems<char>("123456789", count)),
        'l' => new string(random.GetItems<char>("abcdefghijklmnopqrstuvwxyz", count)),
        'L' => Luhn(count, random),
        _ => Iban(random),
    };

    private static string Luhn(int count, Random random)
    {
        while (true)
        {
            var digits = Draw(count, 'd', random);
            if (Checksums.IsCardNumber("4" + digits))
            {
                return digits;
            }
        }
    }

    private static string Iban(Random random)
    {
        while (true)
        {
            var iban = $"DE{random.Next(10, 99)}{Draw(18, 'd', random)}";
            if (Checksums.IsIban(iban))
            {
                return iban;
            }
        }
    }
}
