using System.Text.Json;
using CsCheck;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>One incident and the calls that belong to it, in no form yet.</summary>
/// <param name="Spans">The calls.</param>
/// <param name="Details">What the incident says of itself.</param>
/// <param name="Answer">What the language model answers when it is asked; null when the model's engine is not to be run.</param>
internal sealed record GeneratedCase(GeneratedSpan[] Spans, GeneratedValue Details, string? Answer)
{
    /// <summary>Cases of at most six calls.</summary>
    public static Gen<GeneratedCase> Any { get; } = OfSpans(6);

    /// <summary>Cases of many calls, since an incident of many costs little more than one of few.</summary>
    public static Gen<GeneratedCase> Large { get; } = OfSpans(24);

    /// <summary>The same case with something less, each of them once.</summary>
    public IEnumerable<GeneratedCase> Smaller()
    {
        if (Answer is not null)
        {
            yield return this with { Answer = null };
        }

        if (Details.Json != "{}")
        {
            yield return this with { Details = GeneratedValue.MapOf([]) };
        }

        for (var place = 0; place < Spans.Length; place++)
        {
            if (Spans.Length > 1)
            {
                yield return this with { Spans = [.. Spans.Where((_, other) => other != place)] };
            }

            foreach (var attribute in Spans[place].Attributes)
            {
                var less = Spans[place] with { Attributes = [.. Spans[place].Attributes.Where(other => other != attribute)] };
                yield return this with { Spans = [.. Spans.Select((span, other) => other == place ? less : span)] };
            }
        }
    }

    public override string ToString() =>
        $"details {Details.Json}\nanswer {Answer ?? "none"}\n{string.Join('\n', Spans.Select((span, place) => span.Json(place, 0, "")))}";

    private static Gen<GeneratedCase> OfSpans(int most) => Gen.Select(
        GeneratedSpan.Any.Array[1, most],
        Gen.Select(GeneratedValue.Name, GeneratedValue.Any).Array[0, 4].Select(GeneratedValue.MapOf),
        GeneratedAnswer.Any,
        (spans, details, answer) => new GeneratedCase(spans, details, answer));
}

/// <summary>What a language model may answer: right, wrong and no answer at all.</summary>
internal static class GeneratedAnswer
{
    private static readonly string[] Mechanisms = ["error", "rate_limited", "timeout", "loop", "other", "invented_value", "wrong_answer", "no such one"];

    private static readonly string[] Ids = ["S1", "S2", "S3", "E1", "E2", "S99", "", "\u202E"];

    private static readonly string[] Words = ["429", "rate limit exceeded", "error", "ok", "", "🧯漢字", "a\r\nRegards,", "\u0001", "{{S1}}", "<script>"];

    private static readonly Gen<string> Hypothesis =
        from step in GeneratedValue.Pick(Ids)
        from mechanism in GeneratedValue.Pick(Mechanisms)
        from cited in Gen.Select(GeneratedValue.Pick(Ids), GeneratedValue.Pick(Words)).Array[0, 3]
        from confidence in GeneratedValue.Pick("0", "0.5", "1", "1.5", "-1", "null")
        from explanation in GeneratedValue.Pick(Words)
        select $$"""{"step":{{Quote(step)}},"mechanism":"{{mechanism}}","word":null,"evidence":[{{string.Join(',', cited.Select(one => $$"""{"id":{{Quote(one.Item1)}},"quote":{{Quote(one.Item2)}},"pointer":null}"""))}}],"explains":[],"confidence":{{confidence}},"explanation":{{Quote(explanation)}}}""";

    private static readonly Gen<string> Whole =
        from verdict in GeneratedValue.Pick("cause", "nothing_wrong", "unknown", "sure")
        from hypotheses in Hypothesis.Array[0, 2]
        from excluded in Gen.Select(GeneratedValue.Pick(Ids), GeneratedValue.Pick(Words)).Array[0, 1]
        from more in GeneratedValue.Pick(Ids).Array[0, 1]
        select $$"""{"verdict":"{{verdict}}","hypotheses":[{{string.Join(',', hypotheses)}}],"ruled_out":[{{string.Join(',', excluded.Select(one => $$"""{"id":{{Quote(one.Item1)}},"why":{{Quote(one.Item2)}}}"""))}}],"more":[{{string.Join(',', more.Select(Quote))}}]}""";

    /// <summary>An answer for one case in eight, since the model's engine costs more than all the rest.</summary>
    public static Gen<string?> Any { get; } = Gen.Frequency(
        (7, Gen.Const((string?)null)),
        (1, Gen.Frequency((6, Whole), (1, GeneratedValue.Pick("", "{}", "null", "[1", "Sorry.", "```json\n{}\n```", "{\"verdict\":\"cause\"}"))).Select(answer => (string?)answer)));

    private static string Quote(string text) => JsonSerializer.Serialize(text, JsonSerializerOptions.Web);
}
