using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing.Groq;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>500 secrets and personal data of 50 shapes, each hidden in an artifact and in the incident; none reaches the model.</summary>
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
            host.Server.Respond = request => ScriptedGroqReply.Completion(LlmHost.Answer($"The carrier quote tool failed: {text}", "E2", null, pointer: "/note"));

            var report = await host.AnalyzeAsync(note, JsonSerializer.Serialize(new Dictionary<string, string> { ["info"] = text }));

            var prompt = host.Server.Requests[0].Prompt;
            var told = Encoding.UTF8.GetString(AgentOps.Rca.Analysis.RcaJson.ToUtf8(report));
            foreach (var secret in secrets)
            {
                Assert.False(prompt.Contains(secret, StringComparison.Ordinal), $"{shape}: {secret} reached the prompt of the note {note}");
                Assert.False(told.Contains(secret, StringComparison.Ordinal), $"{shape}: {secret} reached the report");
            }

            seen++;
        }

        Assert.Equal(SecretCorpus.Size, seen);
    }
}
