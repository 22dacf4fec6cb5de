using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Reading;

namespace AgentOps.Rca.Tool.Files;

/// <summary>
/// Where in a file the words stand that evidence points at. A span has one place, that of the message or record that began it; its result, its
/// instructions or what was said before it stand in other messages, or far down in the same record.
/// </summary>
internal static class EvidencePlaces
{
    private const int MostEvidence = 100;
    private const int MostWords = 160;

    // Shorter ones stand in many places, so what is around them is looked for with them.
    private const int FewWords = 12;
    private const int Around = 48;
    private const int FewestLetters = 8;

    /// <summary>The places that could be found, by the id of the evidence; for the others that of the span has to do.</summary>
    public static async Task<IReadOnlyDictionary<string, FilePlace>> FindAsync(
        IIncidentReader reader, OpenedFile file, Func<Stream> open, ImportedIncident incident, RcaReport report, CancellationToken cancellationToken)
    {
        Dictionary<string, FilePlace> found = new(StringComparer.Ordinal);
        Dictionary<long, string?> owners = [];
        FileText? text = null;
        try
        {
            foreach (var evidence in report.Evidence.Take(MostEvidence))
            {
                if (file.PlaceOf(evidence) is not { Member: null } begin)
                {
                    continue;
                }

                text ??= await FileText.OpenAsync(open(), cancellationToken).ConfigureAwait(false);
                foreach (var words in text.IsReadable ? await WordsAsync(reader, incident.Id, evidence, cancellationToken).ConfigureAwait(false) : [])
                {
                    if (await text.FindAsync(words, begin, offset => owners.TryGetValue(offset, out var owner) && owner != evidence.SpanId, cancellationToken).ConfigureAwait(false) is { } place)
                    {
                        found[evidence.Id] = place;
                        owners.TryAdd(place.Offset, evidence.SpanId);
                        break;
                    }
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ToolException)
        {
            // It was there when it was read, and is no longer: the places of the spans are known all the same.
        }
        finally
        {
            if (text is not null)
            {
                await text.DisposeAsync().ConfigureAwait(false);
            }
        }

        return found;
    }

    // As they were before they were written into the file, the surest first.
    private static async ValueTask<IReadOnlyList<WordsInFile>> WordsAsync(IIncidentReader reader, Guid incidentId, RcaEvidence evidence, CancellationToken cancellationToken)
    {
        if (evidence is { Quote: { Length: >= FewWords } quote })
        {
            return [new(Begin(quote))];
        }

        var query = new EvidenceQuery { IncidentId = incidentId, EvidenceId = evidence.Id, Context = Around, Mask = false, SourceOnly = true };
        if (await reader.ReadEvidenceAsync(query, cancellationToken).ConfigureAwait(false)
            is not EvidenceOutcome.Found { View: { Source.Kind: var kind, Context: { } context } })
        {
            return [];
        }

        var pointed = string.Concat(context.Parts.Where(static part => part.Pointed).Select(static part => part.Text));
        var said = !context.Cut && pointed is ['"', .., '"'] or ['{', .., '}'] ? Unquoted(pointed) : pointed;
        if (said.Length >= FewWords)
        {
            return [new(Begin(said))];
        }

        // What is around a value of a span was never written in a file that way, but the sentence about it may repeat words that were.
        if (kind != "artifact")
        {
            var (open, close) = (evidence.Text.IndexOf('“', StringComparison.Ordinal), evidence.Text.LastIndexOf('”'));
            return open >= 0 && close - open > FewWords ? Said(evidence.Text[(open + 1)..close].TrimEnd('…')) : [];
        }

        var before = string.Concat(context.Parts.TakeWhile(static part => !part.Pointed).Select(static part => part.Text));
        var after = string.Concat(context.Parts.Reverse().TakeWhile(static part => !part.Pointed).Reverse().Select(static part => part.Text));
        List<WordsInFile> words = [];
        foreach (var (left, right) in ((string Left, string Right)[])[(before, after), (before[(before.LastIndexOf('"') + 1)..], after.Split('"')[0])])
        {
            if (left.Length + pointed.Length + right.Length >= FewWords)
            {
                words.Add(new(left + pointed + right, left));
            }
        }

        return words;
    }

    // What a sentence tells of an error may have its code before its words, which stand apart in the file.
    private static List<WordsInFile> Said(string words)
    {
        var all = Beginnings(words);
        foreach (var mark in (ReadOnlySpan<string>)[": ", " – "])
        {
            if (words.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at && !words.AsSpan(0, at).Contains(' ') && words.Length - at - mark.Length >= FewWords)
            {
                all.AddRange(Beginnings(words[(at + mark.Length)..]));
            }
        }

        return all;
    }

    // A sentence has on one line what stood on several, so that no more than the first words need be the same.
    private static List<WordsInFile> Beginnings(string words)
    {
        List<WordsInFile> all = [new(Begin(words))];
        foreach (var most in (ReadOnlySpan<int>)[60, 30, FewWords])
        {
            if (words.Length > most && words.LastIndexOf(' ', most) is >= FewestLetters and var end)
            {
                all.Add(new(words[..end]));
            }
        }

        return all;
    }

    // Of an error its words: its type and its code stand beside them in a span only.
    private static string Unquoted(string json)
    {
        try
        {
            var value = JsonElement.Parse(json);
            return value.ValueKind == JsonValueKind.String ? value.GetString()!
                : value.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : json;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return json;
        }
    }

    private static string Begin(string words) =>
        words.Length <= MostWords ? words : words[..(char.IsHighSurrogate(words[MostWords - 1]) ? MostWords - 1 : MostWords)];
}
