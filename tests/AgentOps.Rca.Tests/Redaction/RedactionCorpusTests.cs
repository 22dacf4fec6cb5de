using AgentOps.Rca.Redaction;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Redaction;

/// <summary>How much of what must be hidden is hidden, and how much of the rest is left alone; the figures are printed.</summary>
public sealed class RedactionCorpusTests
{
    private const double RecallFloor = 0.98;
    private const double FalseAlarmCeiling = 0.02;

    [Fact]
    public void Secrets_and_personal_data_are_hidden_and_clean_texts_are_left()
    {
        var positives = RedactionCorpus.Positives().ToList();
        var missed = positives.Where(item => Array.Exists(item.Hidden, hidden => new Redactor().Redact(item.Text).Contains(hidden, StringComparison.Ordinal))).ToList();
        var clean = RedactionCorpus.CleanTexts().ToList();
        var alarms = clean.Where(text => new Redactor().Redact(text) != text).ToList();
        var recall = 1 - ((double)missed.Count / positives.Count);

        Trial.Report(
            "Redaction",
            $"{positives.Count} texts with secrets or personal data: {missed.Count(item => item.Kind == "secret")} secrets and {missed.Count(item => item.Kind != "secret")} pieces of personal data seen, recall {recall:P1}; {clean.Count} clean texts: {alarms.Count} false alarms ({(double)alarms.Count / clean.Count:P1})");
        Assert.Equal((2_000, 2_000), (positives.Count, clean.Count));
        Assert.All(positives, item => Assert.All(item.Hidden, hidden => Assert.True(hidden.Length >= 6, item.Text)));
        Assert.All(positives.Select(item => item.Text).Concat(clean), text => Assert.DoesNotMatch(@"\{\d+:[a-zA-Z]\}|\{I\}|«|»", text));
        Assert.Equal(4_000, positives.Select(item => item.Text).Concat(clean).Distinct().Count() + DuplicatesOf(clean));
        Assert.True(recall >= RecallFloor, $"Recall {recall:P2}: {string.Join('\n', missed.Take(20).Select(item => item.Text))}");
        Assert.True(alarms.Count <= FalseAlarmCeiling * clean.Count, $"{alarms.Count} false alarms: {string.Join('\n', alarms.Take(20).Select(text => $"{text} → {new Redactor().Redact(text)}"))}");
    }

    [Fact]
    public void What_is_masked_stays_masked_and_a_second_pass_changes_nothing()
    {
        foreach (var (_, text, _) in RedactionCorpus.Positives().Take(500))
        {
            var once = new Redactor().Redact(text);
            Assert.Equal(once, new Redactor().Redact(once));
        }
    }

    // Templates with few variable parts come out the same now and then.
    private static int DuplicatesOf(List<string> texts) => texts.Count - texts.Distinct().Count();
}
