using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing.Groq;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>
/// 500 secrets and personal data of 50 shapes, each hidden in an artifact, in the incident and in the model's own answers; none reaches
/// the model, not in a repair either.
/// </summary>
public sealed class SecretCorpusTests
{
    [Fact]
    public async Task No_secret_of_500_reaches_the_prompt_the_recording_or_the_report()
    {
        var seen = 0;
        foreach (var (shape, text, secrets) in SecretCorpus.All())
        {
            var note = (seen % 5) switch
            {
                0 => text,
                1 => $"The upstream said: {text} (end)",
                2 => JsonSerializer.Serialize(new Dictionary<string, string> { ["body"] = text }),
                3 => string.Concat(Enumerable.Repeat("filler text here ", 18)) + text,
                _ => text.Insert(text.IndexOf(secrets[0], StringComparison.Ordinal) + 3, "\u200B"),
            };
            await using var host = new LlmHost();
            host.Server.Enqueue(ScriptedGroqReply.Completion(Unusable(seen, text)));
            host.Server.Respond = _ => ScriptedGroqReply.Completion(LlmHost.Answer($"The carrier quote tool failed: {text}", "E2", null, pointer: "/note"));

            var report = await host.AnalyzeAsync(note, JsonSerializer.Serialize(new Dictionary<string, string> { ["info"] = text }));

            var calls = await host.ModelCallsAsync();
            var prompts = await PromptsAsync(host, calls);
            Assert.True((host.Server.Requests.Count, calls.Count) == (2, 2), $"{shape}: {host.Server.Requests.Count} requests; {string.Join(' ', report.Gaps)}");
            Assert.Contains("That answer cannot be used.", host.Server.Requests[1].Prompt, StringComparison.Ordinal);
            var asked = string.Join('\n', [.. host.Server.Requests.Select(request => request.Prompt), .. prompts, .. calls.Select(call => call.Attributes.GetRawText())]);
            var told = Encoding.UTF8.GetString(RcaJson.ToUtf8(report));
            foreach (var secret in secrets)
            {
                Assert.False(asked.Contains(secret, StringComparison.Ordinal), $"{shape}: {secret} reached a prompt of the note {note}");
                Assert.False(told.Contains(secret, StringComparison.Ordinal), $"{shape}: {secret} reached the report");
            }

            seen++;
        }

        Assert.Equal(SecretCorpus.Size, seen);
    }

    [Fact]
    public async Task A_key_in_the_form_of_a_category_is_no_category()
    {
        const string key = "shpat_0123456789abcdef0123456789abcdef";
        await using var host = new LlmHost(trace: new FixedTraceEngine { Verdict = RcaVerdict.Inconclusive });
        host.Server.Enqueue(ScriptedGroqReply.Completion(LlmHost.Answer("The carrier quote tool failed 4 times because of too many requests.").Replace("\"rate_limited\",\"word\":null", $"\"other\",\"word\":\"{key}\"", StringComparison.Ordinal)));

        var report = await host.AnalyzeAsync();

        Assert.DoesNotContain(key, Encoding.UTF8.GetString(RcaJson.ToUtf8(report)), StringComparison.Ordinal);
        Assert.Contains(report.Hypotheses, hypothesis => hypothesis.Category == "other");
    }

    // Answers that must be asked for again, with the text where a repair might repeat it.
    private static string Unusable(int round, string text) => (round % 4) switch
    {
        0 => $"I think it was this: {text}",
        1 => $$"""{"verdict":"cause","hypotheses":[{"step":"E1","mechanism":{{LlmHost.Json(text + "!")}},"word":null,"evidence":[],"explains":[],"confidence":0.5,"explanation":{{LlmHost.Json(text)}} }],"ruled_out":[],"more":[]}""",
        2 => "{\"hypotheses\":[]," + LlmHost.Json(text) + ":{" + LlmHost.Json(text) + ":[1,}}",
        _ => LlmHost.Answer(text, step: text)[..^8],
    };

    // The texts of the recorded prompts, which are said to be masked; what the model wrote is kept as it wrote it and is not.
    private static async Task<List<string>> PromptsAsync(LlmHost host, List<Span> calls)
    {
        var prompts = new List<string>();
        foreach (var call in calls)
        {
            var prompt = await ReadAsync(call.ArgsDigest, piiMasked: true);
            prompts.AddRange(prompt.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("text").GetString()!));
            prompts.Add(prompt.GetRawText());
            await ReadAsync(call.ResultDigest, piiMasked: false);
        }

        return prompts;

        async Task<JsonElement> ReadAsync(string? digest, bool piiMasked)
        {
            var read = await host.Get<ArtifactVault>().ReadAllVerifiedAsync(ArtifactDigest.Parse(digest!), 1_000_000);
            Assert.True(read.IsIntact);
            Assert.Equal(piiMasked, read.Artifact.PiiMasked);
            return JsonElement.Parse(read.Content.Span);
        }
    }
}
