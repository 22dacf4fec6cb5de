using System.Globalization;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;

/// <summary>Dates and times of day must stand in a cited record, and in one about the tool that the clause speaks of.</summary>
internal sealed class ClockRule : IClaimRule
{
    private enum End
    {
        None,
        Start,
        Stop,
    }

    public IEnumerable<Doubt> Check(ClaimView view) => CheckTimes(view).Concat(view.Sentences.SelectMany(sentence => CheckEnds(sentence.Tokens, view.Source)));

    /// <summary>"began at … and ended at …": each time must be that end of the call in the records, and the first no later than the second.</summary>
    private static IEnumerable<Doubt> CheckEnds(IReadOnlyList<ClaimToken> tokens, ClaimSource source)
    {
        var times = Ends(tokens).ToList();
        foreach (var (clock, end) in times.Where(time => time.End != End.None))
        {
            var known = source.Records.SelectMany(record => record.Sentences).SelectMany(sentence => Ends(sentence.Tokens))
                .Where(time => Clocks.Agree(clock, time.Clock) && time.End != End.None).ToList();
            if (known.Count > 0 && known.TrueForAll(time => time.End != end))
            {
                yield return Doubt.Refuted($"{clock} is the other end of the call");
            }
        }

        if (times.Find(time => time.End == End.Start).Clock is { } start && times.Find(time => time.End == End.Stop).Clock is { } stop
            && Clocks.SecondsOfDay(start) > Clocks.SecondsOfDay(stop))
        {
            yield return Doubt.Refuted("it ends before it starts");
        }
    }

    private static IEnumerable<(string Clock, End End)> Ends(IReadOnlyList<ClaimToken> tokens)
    {
        var end = End.None;
        for (var i = 0; i < tokens.Count; i++)
        {
            end = tokens[i].Is("began", "started", "starts", "begins", "start", "beginning", "starting", "opened") ? End.Start
                : tokens[i].Is("ended", "ends", "finished", "stopped", "end", "ending", "closed") ? End.Stop
                : tokens[i].Is("from", "between") && i + 1 < tokens.Count && tokens[i + 1].Kind == TokenKind.Clock ? End.Start
                : tokens[i].Is("to", "until", "till") && i + 1 < tokens.Count && tokens[i + 1].Kind == TokenKind.Clock ? End.Stop
                : tokens[i].Kind == TokenKind.Tool || tokens[i].IsMark(";") ? End.None
                : end;
            if (tokens[i].Kind == TokenKind.Clock)
            {
                yield return (tokens[i].Text, end);
            }
        }
    }

    private static IEnumerable<Doubt> CheckTimes(ClaimView view)
    {
        foreach (var clause in view.Clauses)
        {
            var tools = clause.Of(TokenKind.Tool).SelectMany(token => token.Tools).Distinct(StringComparer.Ordinal).ToList();
            var own = clause.Of(TokenKind.Tool).Select(token => token.Text).Distinct().Count() == 1 ? view.Source.About(tools) : [];
            foreach (var clock in clause.Of(TokenKind.Clock))
            {
                if (!view.Source.All.Any(record => record.Clocks.Any(known => Clocks.Agree(clock.Text, known))))
                {
                    yield return Doubt.Refuted($"the time {clock.Text} stands in no cited record");
                }
                else if (own.Count > 0 && own.Count < view.Source.Records.Count && !own.Any(record => record.Clocks.Any(known => Clocks.Agree(clock.Text, known))))
                {
                    yield return Doubt.Refuted($"the time {clock.Text} belongs to another tool than {tools[0]}");
                }
            }
        }
    }
}

/// <summary>Dates and times of day as text.</summary>
internal static class Clocks
{
    /// <summary>Whether a time as it is said is one as it is recorded, or the minute or day of it.</summary>
    public static bool Agree(string said, string known)
    {
        var (saidDay, saidTime) = Parts(said);
        var (knownDay, knownTime) = Parts(known);
        return (saidDay is null || knownDay is null ? saidTime is not null : saidDay == knownDay)
            && (saidTime is null || knownTime?.StartsWith(saidTime, StringComparison.Ordinal) == true);
    }

    public static decimal? SecondsOfDay(string clock) =>
        Parts(clock).Time is { } time && TimeSpan.TryParse(time.Length == 5 ? time + ":00" : time, CultureInfo.InvariantCulture, out var span) ? (decimal)span.TotalSeconds : null;

    private static (string? Day, string? Time) Parts(string clock)
    {
        var text = clock.TrimEnd('Z');
        var day = text.Length >= 10 && text[4] == '-' ? text[..10] : null;
        var time = day is null ? text : text.Length > 11 ? text[11..] : null;
        if (time is not null && time.IndexOfAny(['+', '-']) is var zone and > 0)
        {
            time = time[..zone];
        }

        return (day, time is { Length: > 1 } && time[1] == ':' ? "0" + time : time);
    }
}
