using System.Diagnostics;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tests.Redaction;

/// <summary>S10 and S12: text that was written to harm whoever looks for secrets in it, or reads it.</summary>
public sealed class RedactionTimeTests
{
    // Twice the text takes about twice the time: four times as much would be quadratic. The least of several runs is what the machine can do.
    [Theory]
    [InlineData("-eyJ")]
    [InlineData("-eyJaaaaaaaa")]
    [InlineData("eyJ_eyJaaaaaaaaaaa-")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa://::::")]
    [InlineData("token=\\\\\\\\\\\\")]
    [InlineData("token is token:'")]
    [InlineData("x@a.")]
    [InlineData("-----BEGIN PRIVATE KEY")]
    [InlineData("sk-ant-")]
    public void The_time_grows_with_the_text(string part)
    {
        var small = Least(string.Concat(Enumerable.Repeat(part, 100_000 / part.Length)));
        var large = Least(string.Concat(Enumerable.Repeat(part, 800_000 / part.Length)));
        Assert.True(large < (small * 24) + TimeSpan.FromMilliseconds(300), $"{small} became {large}");
    }

    [Theory]
    [InlineData("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt [SECRET_1]")]
    [InlineData("x-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln!", "x-[SECRET_1]!")]
    [InlineData("https://bob:pa:ss@example.com/x", "https://[SECRET_1]@example.com/x")]
    [InlineData("https://:secret@example.com", "https://[SECRET_1]@example.com")]
    public void What_was_found_before_is_found(string text, string shown) => Assert.Equal(shown, new Redactor().Redact(text));

    [Fact]
    public void Nobody_who_has_left_is_worked_for()
    {
        using var left = new CancellationTokenSource();
        left.Cancel();
        Assert.Throws<OperationCanceledException>(() => new Redactor { Stop = left.Token }.Redact("a@example.com"));
    }

    [Fact]
    public void What_a_check_of_a_bundle_tells_holds_nothing_that_moves_a_cursor()
    {
        var check = new BundleCheck(true, "Approved by \u001b[2J\u001b]0;x\u0007\r\nok    signed    forged\u202e.");
        Assert.Equal("Approved by [2J ]0;x ok signed forged.", check.Detail);
        Assert.DoesNotContain('\u001b', new BundleVerificationOutcome.NotABundle("a\u001b[8m").Reason);
    }

    [Theory]
    [InlineData("Jane Doe <jane@example.com>", false, true)]
    [InlineData("José 👩‍🚀", false, true)]
    [InlineData("two\nlines", false, false)]
    [InlineData("two\nlines", true, true)]
    [InlineData("\u001b[8m", true, false)]
    [InlineData("a\u202eb", true, false)]
    [InlineData("a\u200bb", false, false)]
    [InlineData("a\0", true, false)]
    public void A_name_or_a_note_holds_only_what_is_seen(string text, bool mayHaveLines, bool isTaken) =>
        Assert.Equal(isTaken, ShownText.FindProblem(text, mayHaveLines) is null);

    private static TimeSpan Least(string text) => Enumerable.Range(0, 3).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        new Redactor().Redact(text);
        return watch.Elapsed;
    });
}
