using System.Text.Json;
using AgentOps.Rca.Analysis.Detectors.Steps;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.5", "what is given is 1.5 where an integer is expected")]
    [InlineData("""{"type":["string","null"]}""", "1", "what is given is 1 where a string or a null is expected")]
    [InlineData("""{"properties":{"a":{"items":{"type":"string"}}}}""", """{"a":["x",2]}""", "a[1] is 2 where a string is expected")]
    [InlineData("""{"const":"x"}""", "\"y\"", "what is given is “y” where “x” is expected")]
    [InlineData("""{"minimum":3}""", "2", "what is given is 2, out of its range")]
    [InlineData("""{"maxLength":2}""", "\"abc\"", "what is given is “abc”, out of its length")]
    [InlineData("""{"minItems":1}""", "[]", "what is given has 0 items, out of its number")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"number"}]}""", "true", "what is given is true, which none of the allowed forms takes")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"type":"number"}}}""", "\"x\"", "what is given is “x” where a number is expected")]
    [InlineData("""{"allOf":[{"required":["b"],"properties":{"b":{}}}]}""", "{}", "b is required and missing")]
    public void What_breaks_a_schema_is_told_with_its_place(string schema, string value, string problem) =>
        Assert.Equal(problem, Assert.Single(JsonSchema.Check(JsonElement.Parse(value), JsonElement.Parse(schema))).Text);

    [Theory]
    [InlineData("""{"type":"integer"}""", "2.0")]
    [InlineData("""{"type":"STRING","nullable":true}""", "null")]
    [InlineData("""{"required":["gone"],"properties":{"a":{}}}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":null,"b":2}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "null")]
    [InlineData("""{"$ref":"https://elsewhere.example/schema"}""", "1")]
    [InlineData("""{"$ref":"#"}""", "1")]
    [InlineData("""{"pattern":"^a","format":"date","unheardOf":1}""", "\"b\"")]
    [InlineData("true", "1")]
    public void What_keeps_to_it_or_cannot_be_judged_is_no_problem(string schema, string value) =>
        Assert.Empty(JsonSchema.Check(JsonElement.Parse(value), JsonElement.Parse(schema)));
}
