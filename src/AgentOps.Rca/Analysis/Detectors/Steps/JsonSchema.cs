using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Holds arguments against the JSON schema of a tool: the part of JSON Schema (draft 2020-12) that tools use, which is <c>type</c>,
/// <c>required</c>, <c>properties</c>, <c>additionalProperties</c>, <c>items</c>, <c>enum</c>, <c>const</c>, <c>anyOf</c>, <c>oneOf</c>,
/// <c>allOf</c>, local <c>$ref</c>, and the bounds of numbers and lengths. What it does not know it takes for met, so it never blames in vain.
/// </summary>
internal static class JsonSchema
{
    private const int MostDepth = 16;
    private const int MostProblems = 8;

    public static IReadOnlyList<SchemaProblem> Check(JsonElement value, JsonElement schema)
    {
        List<SchemaProblem> problems = [];
        if (schema.ValueKind == JsonValueKind.Object)
        {
            Check(value, schema, schema, "", "", 0, problems);
        }

        return problems;
    }

    private static void Check(JsonElement value, JsonElement schema, JsonElement root, string pointer, string name, int depth, List<SchemaProblem> problems)
    {
        if (depth > MostDepth || schema.ValueKind != JsonValueKind.Object || problems.Count >= MostProblems)
        {
            return;
        }

        if (schema.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String)
        {
            var path = reference.GetString()!;
            if (path.StartsWith('#') && JsonPointers.Find(root, path[1..]) is { } target)
            {
                Check(value, target, root, pointer, name, depth + 1, problems);
            }

            return;
        }

        foreach (var word in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(word, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
            {
                if (!choices.EnumerateArray().Any(choice => Meets(value, choice, root, depth)))
                {
                    problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)}, which none of the allowed forms takes"));
                }

                return;
            }
        }

        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in all.EnumerateArray())
            {
                Check(value, part, root, pointer, name, depth + 1, problems);
            }
        }

        if (!IsOfType(value, schema, out var expected))
        {
            problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)} where {expected} is expected"));
            return;
        }

        CheckChoice(value, schema, pointer, name, problems);
        CheckBounds(value, schema, pointer, name, problems);
        if (value.ValueKind == JsonValueKind.Object)
        {
            CheckMembers(value, schema, root, pointer, name, depth, problems);
        }
        else if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Object)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                Check(item, items, root, Words.Invariant($"{pointer}/{index}"), Words.Invariant($"{name}[{index}]"), depth + 1, problems);
                index++;
            }
        }
    }

    private static bool Meets(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        List<SchemaProblem> problems = [];
        Check(value, schema, root, "", "", depth + 1, problems);
        return problems.Count == 0;
    }

    private static void CheckMembers(JsonElement value, JsonElement schema, JsonElement root, string pointer, string name, int depth, List<SchemaProblem> problems)
    {
        var known = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object;
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            foreach (var member in required.EnumerateArray())
            {
                // A schema that was cut when it was recorded may require what it no longer defines.
                if (member.ValueKind == JsonValueKind.String && known && properties.TryGetProperty(member.GetString()!, out _) && !value.TryGetProperty(member.GetString()!, out _))
                {
                    problems.Add(new SchemaProblem(pointer, $"{Words.Short(Join(name, member.GetString()!), 80)} is required and missing"));
                }
            }
        }

        var closed = known && schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        foreach (var member in value.EnumerateObject())
        {
            if (known && properties.TryGetProperty(member.Name, out var own))
            {
                // Null for a member that need not be there is how many models leave it out.
                if (member.Value.ValueKind != JsonValueKind.Null || IsRequired(schema, member.Name))
                {
                    Check(member.Value, own, root, pointer + JsonPointers.Step(member.Name), Join(name, member.Name), depth + 1, problems);
                }
            }
            else if (closed)
            {
                problems.Add(new SchemaProblem(pointer + JsonPointers.Step(member.Name), $"there is no {Words.Short(Join(name, member.Name), 80)}"));
            }
        }
    }

    private static bool IsRequired(JsonElement schema, string name) => schema.TryGetProperty("required", out var required)
        && required.ValueKind == JsonValueKind.Array && required.EnumerateArray().Any(member => member.ValueKind == JsonValueKind.String && member.ValueEquals(name));

    private static void CheckChoice(JsonElement value, JsonElement schema, string pointer, string name, List<SchemaProblem> problems)
    {
        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            && !choices.EnumerateArray().Any(choice => JsonRules.AreEqual(choice, value)))
        {
            var allowed = string.Join(", ", choices.EnumerateArray().Take(8).Select(Shown));
            problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)}, which is not one of {allowed}"));
        }

        if (schema.TryGetProperty("const", out var only) && !JsonRules.AreEqual(only, value))
        {
            problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)} where {Shown(only)} is expected"));
        }
    }

    private static void CheckBounds(JsonElement value, JsonElement schema, string pointer, string name, List<SchemaProblem> problems)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
        {
            if ((Number(schema, "minimum") is { } least && number < least) || (Number(schema, "exclusiveMinimum") is { } above && number <= above)
                || (Number(schema, "maximum") is { } most && number > most) || (Number(schema, "exclusiveMaximum") is { } below && number >= below))
            {
                problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)}, out of its range"));
            }
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            var length = value.GetString()!.EnumerateRunes().Count();
            if ((Number(schema, "minLength") is { } least && length < least) || (Number(schema, "maxLength") is { } most && length > most))
            {
                problems.Add(new SchemaProblem(pointer, $"{Named(name)} is {Shown(value)}, out of its length"));
            }
        }
        else if (value.ValueKind == JsonValueKind.Array
            && ((Number(schema, "minItems") is { } fewest && value.GetArrayLength() < fewest) || (Number(schema, "maxItems") is { } largest && value.GetArrayLength() > largest)))
        {
            problems.Add(new SchemaProblem(pointer, Words.Invariant($"{Named(name)} has {value.GetArrayLength()} items, out of its number")));
        }
    }

    private static double? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var bound) && bound.ValueKind == JsonValueKind.Number && bound.TryGetDouble(out var number) ? number : null;

    private static bool IsOfType(JsonElement value, JsonElement schema, out string expected)
    {
        expected = "";
        if (!schema.TryGetProperty("type", out var type))
        {
            return true;
        }

        var names = type.ValueKind switch
        {
            JsonValueKind.String => [type.GetString()!],
            JsonValueKind.Array => type.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).ToList(),
            _ => new List<string>(),
        };
        if (names.Count == 0 || names.Exists(name => Is(value, name.ToUpperInvariant(), schema)))
        {
            return true;
        }

        expected = string.Join(" or ", names.Select(name => name.ToUpperInvariant() switch { "INTEGER" => "an integer", "ARRAY" => "an array", "OBJECT" => "an object", _ => $"a {name.ToLowerInvariant()}" }));
        return false;
    }

    private static bool Is(JsonElement value, string type, JsonElement schema) => type switch
    {
        "STRING" => value.ValueKind == JsonValueKind.String,
        "INTEGER" => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == Math.Floor(number),
        "NUMBER" => value.ValueKind == JsonValueKind.Number,
        "BOOLEAN" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "ARRAY" => value.ValueKind == JsonValueKind.Array,
        "OBJECT" => value.ValueKind == JsonValueKind.Object,
        "NULL" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    } || (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True);

    private static string Join(string name, string member) => name.Length == 0 ? member : $"{name}.{member}";

    private static string Named(string name) => name.Length == 0 ? "what is given" : Words.Short(name, 80);

    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? $"“{Words.Short(value.GetString()!, 60)}”" : Words.Short(CanonicalJson.TextOf(value), 60);
}
