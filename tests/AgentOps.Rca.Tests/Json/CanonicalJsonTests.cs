using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using CsCheck;

namespace AgentOps.Rca.Tests.Json;

public sealed class CanonicalJsonTests
{
    // RFC 8785, section 3.2.2 and 3.2.4: the example and its canonical bytes.
    [Fact]
    public void The_example_of_the_rfc_has_the_bytes_of_the_rfc()
    {
        const string Example = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string Canonical =
            "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b"
            + "33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
        Assert.Equal(Canonical, Convert.ToHexStringLower(CanonicalJson.ToUtf8(JsonElement.Parse(Example))));
    }

    // RFC 8785, section 3.2.3: names sort by their UTF-16 code units, so the emoji comes before U+FB33.
    [Fact]
    public void Members_are_in_the_order_of_the_rfc()
    {
        const string Example = """
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """;
        var canonical = JsonElement.Parse(CanonicalJson.ToUtf8(JsonElement.Parse(Example)));
        Assert.Equal(
            [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
                "Hebrew Letter Dalet With Dagesh",
            ],
            canonical.EnumerateObject().Select(member => member.Value.GetString()));
    }

    [Theory]
    [InlineData("""{"b":{"d":1,"c":2},"a":[]}""", """{"a":[],"b":{"c":2,"d":1}}""")]
    [InlineData(" [ 1 , { } , \"x\" ] ", """[1,{},"x"]""")]
    [InlineData("""{"a":1,"":2,"A":3,"aa":4}""", """{"":2,"A":3,"a":1,"aa":4}""")]
    [InlineData("""{"\u0061":"\u0041"}""", """{"a":"A"}""")]
    [InlineData("null", "null")]
    [InlineData("\"\\u0000\\u0007\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001f\"", "\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f\"")]
    [InlineData("\"\\u007f\\u0080\\u2028</script>&+'\"", "\"\u007f\u0080\u2028</script>&+'\"")]
    public void Everything_else_is_plain(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Theory]
    [InlineData("""{"a":1,"b":[1.0,"x"]}""", """{"b":[1,"\u0078"],"a":1e0}""", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("{}", "[]", false)]
    [InlineData("""{"a":null}""", "{}", false)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    public void Values_are_equal_when_their_canonical_forms_are(string left, string right, bool equal)
    {
        Assert.Equal(equal, CanonicalJson.AreEqual(JsonElement.Parse(left), JsonElement.Parse(right)));
        Assert.Equal(equal, CanonicalJson.Digest(JsonElement.Parse(left)) == CanonicalJson.Digest(JsonElement.Parse(right)));
    }

    [Fact]
    public void The_digest_is_that_of_the_canonical_bytes() => Assert.Equal(
        ArtifactDigest.Of("""{"a":1}"""u8), CanonicalJson.Digest(JsonElement.Parse(""" { "a" : 1.0 } """)));

    [Fact]
    public void The_canonical_form_of_any_text_is_read_back_as_that_text() => Gen.String.Sample(text =>
    {
        if (JsonRules.FindTextProblem(text) is null)
        {
            var json = JsonElement.Parse(JsonSerializer.Serialize(text));
            Assert.Equal(text, JsonElement.Parse(CanonicalJson.ToUtf8(json)).GetString());
        }
    });

    [Fact]
    public void The_canonical_form_is_its_own_canonical_form() => Gen.Double.Array.Sample(numbers =>
    {
        var json = JsonSerializer.Serialize(numbers.Where(double.IsFinite));
        Assert.Equal(Canonical(json), Canonical(Canonical(json)));
    });

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.ToUtf8(JsonElement.Parse(json)));
}
