using System.Globalization;
using AgentOps.Rca.Identity;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Identity;

public sealed class CallerKeyTests
{
    private static readonly string Hash = new('a', 64);

    [Fact]
    public void A_new_key_is_random_and_the_host_keeps_its_hash_only()
    {
        var end = DateTimeOffset.Parse("2027-06-30T00:00:00Z", CultureInfo.InvariantCulture);
        var first = CallerKey.Create("shop-agents", [CallerScopes.Ingest], end, out var secret);
        var second = CallerKey.Create("shop-agents", [CallerScopes.Ingest], end, out var other);

        Assert.NotEqual(secret, other);
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.True(KeyStrength.IsStrong(secret));
        Assert.DoesNotContain(secret, first.ToString(), StringComparison.Ordinal);
        Assert.Equal($"shop-agents ingest 2027-06-30 sha256:{first.Hash}", first.ToString());
        var read = Assert.Single(CallerKey.ReadAll(first.ToString()));
        Assert.Equal((first.Name, first.Hash, first.ExpiresAt), (read.Name, read.Hash, read.ExpiresAt));
        Assert.Equal([CallerScopes.Ingest], read.Scopes);
    }

    [Fact]
    public void Lines_semicolons_and_comments_are_read()
    {
        var keys = CallerKey.ReadAll($"# agents\r\na ingest never sha256:{Hash}\n\n  b read,decide 2027-01-01T12:30Z sha256:{new string('B', 64)} ; c admin never sha256:{new string('c', 64)}");

        Assert.Equal(["a", "b", "c"], keys.Select(key => key.Name));
        Assert.Equal(new string('b', 64), keys[1].Hash);
        Assert.Equal(12.5, keys[1].ExpiresAt!.Value.TimeOfDay.TotalHours);
        Assert.True(keys[1].IsOver(keys[1].ExpiresAt!.Value));
        Assert.False(keys[0].IsOver(DateTimeOffset.MaxValue));
    }

    [Theory]
    [InlineData("a ingest never")]
    [InlineData("a ingest never changeme")]
    [InlineData("a ingest never sha256:abc")]
    [InlineData("a everything never sha256:AAAA")]
    [InlineData("a b ingest never sha256:AAAA")]
    [InlineData("AGENTOPS_API_KEY ingest never sha256:AAAA")]
    [InlineData("ännchen ingest never sha256:AAAA")]
    [InlineData("a ingest tomorrow sha256:AAAA")]
    [InlineData("a ingest never sha256:AAAA; a read never sha256:BBBB")]
    [InlineData("a ingest never sha256:AAAA; b read never sha256:AAAA")]
    public void What_is_no_key_is_refused_with_its_place_and_without_its_hash(string text)
    {
        var full = text.Replace("AAAA", Hash, StringComparison.Ordinal).Replace("BBBB", new string('b', 64), StringComparison.Ordinal);
        var wrong = Assert.Throws<FormatException>(() => CallerKey.ReadAll(full));

        Assert.Contains("entry ", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Hash, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("changeme", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("changeme", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("correct horse", false)]
    [InlineData("5f2b9c0d1e4a7788", false)]
    [InlineData("5f2b9c0d1e4a77885f2b9c0d1e4a7788", true)]
    [InlineData("kP3v6b2c0Zr8h1wQm9s4yD", true)]
    public void A_key_that_can_be_guessed_is_weak(string key, bool isStrong) => Assert.Equal(isStrong, KeyStrength.IsStrong(key));

    [Fact]
    public void A_file_of_keys_is_read_again_when_it_changes_and_a_wrong_one_leaves_those_that_were()
    {
        var file = Path.GetTempFileName();
        try
        {
            var time = new FakeTimeProvider();
            List<string> complaints = [];
            File.WriteAllText(file, $"a ingest never sha256:{Hash}");
            var keys = new ConfiguredCallerKeys(file, time, complaints.Add);
            Assert.Equal("a", Assert.Single(keys.Current).Name);

            Write($"a ingest never sha256:{Hash}\nb read never sha256:{new string('b', 64)}", 1);
            Assert.Equal(["a", "b"], keys.Current.Select(key => key.Name));

            Write("nonsense", 2);
            Assert.Equal(["a", "b"], keys.Current.Select(key => key.Name));
            Assert.Single(complaints);

            Write($"b read never sha256:{new string('b', 64)}", 3);
            Assert.Equal(["b"], keys.Current.Select(key => key.Name));

            void Write(string text, int minutes)
            {
                File.WriteAllText(file, text);
                File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
                time.Advance(TimeSpan.FromSeconds(5));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }
}
