using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// The first page taken for the whole: a result says that there is more than it lists, nobody asked for more, and the answer tells the number or the
/// sum of what was listed as that of all.
/// </summary>
internal sealed partial class FirstPageDetector : IAnswerDetector
{
    private const double Strength = 2.3;
    private const int FewestForSum = 3;
    private static readonly string[] More = ["has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "more", "more_available", "moreAvailable", "truncated", "is_truncated", "isTruncated", "IsTruncated", "more_results", "incomplete", "incomplete_results"];
    private static readonly string[] Next = ["next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "NextToken", "continuation_token", "continuationToken", "next_page", "nextPage", "next_offset", "nextOffset", "@odata.nextLink", "nextLink", "next_link", "next_url", "next_page_url"];
    private static readonly string[] Counts = ["total_count", "totalCount", "total_results", "totalResults", "total_items", "totalItems", "total_hits", "totalHits", "total_records", "totalRecords", "count_total", "total_entries", "totalElements", "total_rows", "totalSize", "total"];
    private static readonly string[] Paging = ["page", "pages", "page_size", "pageSize", "per_page", "perPage", "limit", "offset", "total_pages", "totalPages", "page_count", "cursor", "start", "returned", "shown", "showing"];
    private static readonly string[] Pages = ["total_pages", "totalPages", "page_count", "pageCount", "pages", "last_page", "lastPage"];
    private static readonly string[] Current = ["page", "current_page", "currentPage", "page_number", "pageNumber"];
    private static readonly string[] OfPages = [.. Paging, .. More, .. Next];
    private static readonly string[] Heads = ["pagination", "paging", "meta", "metadata", "page_info", "pageInfo", "page", "response_metadata", "_meta"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || InPart().IsMatch(answer.Text))
        {
            return [];
        }

        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Result.Value.ValueKind: JsonValueKind.Object } && tool.Number < model.Number && !ToolWords.Writes(tool.Tool)))
        {
            // Whoever asked again may have asked for the rest, or for something else that the answer speaks of.
            if (PageOf(tool) is { } page && !run.Tools.Any(later => later.Number > tool.Number && later.Number < model.Number && later.Tool == tool.Tool)
                && (Denied(answer.Text, page) ?? (AskedFor(run, page.Listed) ? null : Claimed(answer.Text, tool, page))) is { } claim)
            {
                return [Describe(model, answer, tool, page, claim)];
            }
        }

        return [];
    }

    private static Page? PageOf(ToolStep tool)
    {
        var result = tool.Result!.Value;
        var lists = result.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > 0).ToList();
        if (lists is not [var list])
        {
            return null;
        }

        var listed = list.Value.GetArrayLength();
        foreach (var (head, pointer) in Array.FindAll(Heads, name => result.TryGetProperty(name, out var head) && head.ValueKind == JsonValueKind.Object)
            .Select(name => (result.GetProperty(name), JsonPointers.Step(name))).Prepend((result, "")))
        {
            long? total = null;
            foreach (var name in Array.FindAll(Counts, name => head.TryGetProperty(name, out _)))
            {
                // A total may be a sum of money, too, where nothing else speaks of pages.
                total ??= head.GetProperty(name).ValueKind == JsonValueKind.Number && head.GetProperty(name).TryGetInt64(out var number) && number > listed
                    && (name != "total" || pointer.Length > 0 || Array.Exists(OfPages, other => result.TryGetProperty(other, out _))) ? number : null;
            }

            var mark = Array.Find(More, name => head.TryGetProperty(name, out var more) && more.ValueKind == JsonValueKind.True)
                ?? Array.Find(Next, name => head.TryGetProperty(name, out var next) && ((next.ValueKind == JsonValueKind.Number && next.GetRawText() != "0") || (next.ValueKind == JsonValueKind.String && next.GetString() is { Length: > 0 } text && text != "null")))
                ?? (total is null ? null : Array.Find(Counts, name => head.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var number) && number == total));
            mark ??= Array.Find(Pages, name => NumberAt(head, name) is { } pages && Array.Exists(Current, page => NumberAt(head, page) is { } at && at < pages));
            if (mark is not null)
            {
                return new Page(list.Name, list.Value, listed, total, mark, head.GetProperty(mark), pointer + JsonPointers.Step(mark));
            }
        }

        return null;
    }

    private static long? NumberAt(JsonElement head, string name) => head.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    // The last five, the newest, ten of them: then the page is all that was wanted.
    private static bool AskedFor(AgentRun run, int listed) => run.SaidByUsers()
        .Any(text => Some().IsMatch(text.Text) || Regex.IsMatch(text.Text, $@"(?<![\w.]){listed}(?![\w.])", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    private static string? Claimed(string answer, ToolStep tool, Page page)
    {
        if (page.Total is { } total && Digits().Matches(answer).Any(match => Quantity.TryNumber(match.Value, out var told) && told == total))
        {
            return null;
        }

        var nouns = ToolWords.Subjects(tool.Tool).Concat(ToolWords.Of(page.Name)).Select(static word => word.TrimEnd('s')).Where(static word => word.Length > 2 && word is not ("result" or "item" or "data" or "record" or "row" or "list" or "hit" or "value")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (Match sentence in Sentence().Matches(answer))
        {
            var text = sentence.Value;
            var isAboutAll = All().IsMatch(text);
            var names = nouns.Count == 0 || nouns.Any(noun => text.Contains(noun, StringComparison.OrdinalIgnoreCase));
            if (names && isAboutAll && Digits().Matches(text).Any(match => match.Value == page.Listed.ToString(CultureInfo.InvariantCulture)))
            {
                return text.Trim();
            }

            if (SumWords().IsMatch(text) && page.Listed >= FewestForSum && Quantity.In(text).Select(static quantity => quantity.Value).Any(value => SumsOf(page.List).Any(sum => Math.Abs(sum - value) < 0.006)))
            {
                return text.Trim();
            }
        }

        return null;
    }

    // That there is nothing of the kind in all of it cannot be known from a part.
    private static string? Denied(string answer, Page page) => page.Total is not null
        ? Sentence().Matches(answer).Select(static sentence => sentence.Value).FirstOrDefault(static text => Nothing().IsMatch(text) && Everything().IsMatch(text))?.Trim() : null;

    [GeneratedRegex(@"\b(?:nothing|none|no (?!problem|worries|longer)\w+|not (?:one|a single|any)|nichts|kein\w*|rien|aucun\w*|nada|ning[uú]n\w*|nenhum\w*|nessun\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Nothing();

    [GeneratedRegex(@"\b(?:all (?:of|the|\w+s)\b|every|entire|whole|complete(?:ly)?|anywhere|at all|ganzen?|alle[ns]?|tout(?:e|es|s)?|todo[s]?|toda[s]?|tutt[oiae])\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Everything();

    private static IEnumerable<double> SumsOf(JsonElement list) => list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object).SelectMany(static item => item.EnumerateObject())
        .Where(static member => member.Value.ValueKind == JsonValueKind.Number).GroupBy(static member => member.Name, StringComparer.Ordinal)
        .Where(group => group.Count() == list.GetArrayLength()).Select(static group => group.Sum(static member => member.Value.GetDouble())).Where(static sum => Math.Abs(sum) >= 10);

    private static Finding Describe(ModelStep model, Passage answer, ToolStep tool, Page page, string claim)
    {
        var name = StepFindings.Say(tool);
        var says = $"{Words.Short(page.Mark, 40)} = {Words.Short(page.Value.ToString(), 40)}";
        return StepFindings.At(
            model, "first_page", "misread_result", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(model)} told the user {StepFindings.Quote(claim, 120)}, but {name} had listed only {page.Listed} of them and said that there is more ({says}){Words.At(tool.Node.EndNs)}, and nobody asked for the rest."),
            [
                answer.Say("What the answer tells of all.", Words.Short(claim, 120).TrimEnd('…')),
                tool.Result!.Say($"{name} says that there is more: {says}.", page.Pointer, page.Value.ValueKind == JsonValueKind.String ? page.Value.GetString() : page.Value.GetRawText()),
            ],
            $"Have the agent go on with the cursor until {name} says that there is no more, or give it a tool that counts.", "first_page", explains: [tool]);
    }

    // What the answer tells as the first ones is told as it is.
    [GeneratedRegex(@"\b(?:first (?:\d+|page|few|ten|twenty|fifty|hundred)|at least|more than|over \d|showing|shown|so far|(?:more|others|additional|further|remaining) (?:\w+ )?(?:are|is|exist|available|pages?|results?)|there (?:are|may be|might be) (?:more|others|additional)|next page|page \d|(?:most|more) recent|(?<!at the )latest|newest|top \d|sample|some of|among|part of|partial|the list (?:is|was) (?:cut|truncated)|truncated|load more|see more|has more|only part)\b|\d\+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InPart();

    [GeneratedRegex(@"\b(?:last|latest|newest|recent|first|top|oldest|any|some|few|a couple|example|one of|best|cheapest|page)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Some();

    [GeneratedRegex(@"\b(?:in total|total(?:s|ling)?|altogether|overall|in all|all|every|each of|there (?:are|were)|you(?:r \w+)? (?:have|had|has|own)|we (?:have|had)|(?:has|have|had) (?:exactly |only |just )?\d+|only|exactly|entire|whole|complete)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex All();

    [GeneratedRegex(@"\b(?:total(?:s|led|ling)?|sum(?:s)?|altogether|overall|in all|combined|amounts? to|adds? up)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SumWords();

    [GeneratedRegex(@"(?>[^.!?\n]+|[.](?=\w))+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?<![\w.,])\d[\d.,]*(?<![.,])(?!\w)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();

    private sealed record Page(string Name, JsonElement List, int Listed, long? Total, string Mark, JsonElement Value, string Pointer);
}
