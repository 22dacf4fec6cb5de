using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel.Claims;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Claims;

/// <summary>Scores the check of claims: how many true ones it carries, and how many false ones of each kind.</summary>
internal static partial class ClaimsEval
{
    private const string Dataset = "claims";

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        var path = Path.Combine(options.Data, Dataset, "claims.json");
        if (!File.Exists(path))
        {
            return [];
        }

        await using var file = File.OpenRead(path);
        var runs = (await JsonSerializer.DeserializeAsync(file, EvalsJsonContext.Default.ListLabelledRun))!;
        List<(LabelledClaim Claim, StatementLevel Level)> judged = [];
        foreach (var run in runs.Where((run, index) => options.Wants(run.Run, index)))
        {
            if (await RecordedRun.OpenAsync(options, Path.Combine(options.Data, "agent-runs"), run.Run, IncidentOf(run)) is not { } rcaCase)
            {
                options.Log?.WriteLine($"{run.Run}: there is no recording of it");
                continue;
            }

            var check = new ClaimCheck(rcaCase);
            foreach (var claim in run.Claims)
            {
                var verdict = check.Judge(await ResolveAsync(rcaCase, claim));
                judged.Add((claim, verdict.Level));
                options.Log?.WriteLine($"{(claim.True ? "true" : claim.Kind)} {verdict.Level} {run.Run}: {claim.Text} [{string.Join("; ", verdict.Why)}]");
            }
        }

        return
        [
            .. judged.GroupBy(pair => pair.Claim.True ? "true" : pair.Claim.Kind ?? "false").OrderBy(kind => kind.Key != "true").ThenBy(kind => kind.Key, StringComparer.Ordinal)
                .Select(kind => RowOf(kind.Key == "true" ? "true" : "false", kind.Key, [.. kind.Select(pair => pair.Level)])),
            .. judged.Exists(pair => !pair.Claim.True) ? [RowOf("false", null, [.. judged.Where(pair => !pair.Claim.True).Select(pair => pair.Level)])] : Array.Empty<Row>(),
        ];
    }

    /// <summary>Recall of the true claims and precision of what was carried, as a sentence.</summary>
    public static string Summary(IReadOnlyList<Row> rows)
    {
        double Carried(Row row) => row.As1!.Value * row.N;
        var good = rows.FirstOrDefault(row => row is { Dataset: Dataset, System: "true" });
        var bad = rows.FirstOrDefault(row => row is { Dataset: Dataset, System: "false", FaultType: null });
        if (good is null || bad is null)
        {
            return "";
        }

        var all = Carried(good) + Carried(bad);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"\nClaims: recall {100 * good.As1!.Value:0.0} % of {good.N} true ones; precision {(all == 0 ? 100 : 100 * Carried(good) / all):0.0} %; refused: {100 * good.Refused!.Value:0.0} % of the true, {100 * bad.Refused!.Value:0.0} % of {bad.N} false ones.");
    }

    private static Row RowOf(string system, string? kind, List<StatementLevel> levels)
    {
        var carried = levels.Count(level => level >= StatementLevel.Carried);
        var (low, high) = Scores.Wilson(carried, levels.Count);
        return new Row
        {
            Dataset = Dataset,
            System = system,
            FaultType = kind,
            Method = "claim check",
            N = levels.Count,
            As1 = Math.Round((double)carried / levels.Count, 4),
            As1Low = Math.Round(low, 4),
            As1High = Math.Round(high, 4),
            Quoted = Math.Round((double)levels.Count(level => level == StatementLevel.Quoted) / levels.Count, 4),
            Reading = Math.Round((double)levels.Count(level => level == StatementLevel.Reading) / levels.Count, 4),
            Refused = Math.Round((double)levels.Count(level => level == StatementLevel.Refused) / levels.Count, 4),
        };
    }

    private static Incident IncidentOf(LabelledRun run)
    {
        var match = IncidentLine.Match(run.Incident);
        return new Incident
        {
            Id = Guid.Empty,
            ProblemType = match.Success ? Text(match.Groups["type"].Value) : "unknown",
            OrderId = match.Success ? Text(match.Groups["order"].Value) : "run",
            Details = match.Success ? JsonElement.Parse(Text(match.Groups["details"].Value)) : JsonRules.EmptyObject,
            CreatedTs = DateTimeOffset.UnixEpoch,
        };

        static string Text(string quoted) => JsonSerializer.Deserialize(quoted, EvalsJsonContext.Default.String)!;
    }

    /// <summary>
    /// Finds what a claim cites. The artifacts' digests are those of the intake that the labels were made with; where they differ today, any
    /// artifact of the span that holds the quote stands for them.
    /// </summary>
    private static async Task<Claim> ResolveAsync(RcaCase rcaCase, LabelledClaim claim)
    {
        List<CitedRecord> cited = [];
        var broken = 0;
        foreach (var citation in claim.Citations)
        {
            var node = citation.SpanId is { } spanId ? rcaCase.Spans.Find(spanId) : null;
            var texts = node is null ? [] : await TextsOfAsync(rcaCase, node);
            if (node is null || citation.Quote is { Length: > 0 } quote && citation.Evidence?.Words?.Contains(quote, StringComparison.Ordinal) != true && !texts.Any(text => text.Contains(quote, StringComparison.Ordinal)))
            {
                broken++;
                continue;
            }

            cited.Add(new CitedRecord(
                citation.Evidence?.Kind ?? "", node, citation.Evidence?.Text ?? "", citation.Evidence?.Words ?? "", citation.Quote, citation.Pointer)
            {
                Tool = citation.Evidence?.Tool ?? node.Tool,
            });
        }

        return new Claim(claim.Text, claim.Tool, cited, broken);
    }

    private static async Task<List<string>> TextsOfAsync(RcaCase rcaCase, SpanNode node)
    {
        const int most = 1024 * 1024;
        List<string> texts = [];
        if (await rcaCase.ReadSpan(node.SpanId, CancellationToken.None) is { } span)
        {
            var buffer = new ArrayBufferWriter<byte>();
            SpanJson.WriteCanonical(span, buffer);
            texts.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }

        foreach (var digest in new[] { node.ArgsDigest, node.ResultDigest })
        {
            if (digest is { } known && await rcaCase.ReadArtifact(known, most, CancellationToken.None) is { } bytes)
            {
                texts.Add(Encoding.UTF8.GetString(bytes.Span));
            }
        }

        return texts;
    }

    [GeneratedRegex("""problem_type (?<type>"(?:[^"\\]|\\.)*"), order_id (?<order>"(?:[^"\\]|\\.)*"), eta_delta_hours \S+, details (?<details>"(?:[^"\\]|\\.)*")""", RegexOptions.CultureInvariant)]
    private static partial Regex IncidentLine { get; }
}
