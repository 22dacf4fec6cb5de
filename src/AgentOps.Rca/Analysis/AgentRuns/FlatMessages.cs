using System.Globalization;
using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Messages that stand in attributes with numbered names: OpenInference's <c>llm.input_messages.0.message.content</c>, and
/// <c>gen_ai.prompt.0.content</c> of the conventions that OpenLLMetry had before.
/// </summary>
internal static class FlatMessages
{
    private static readonly string[] Prefixes = ["llm.input_messages.", "llm.output_messages.", "gen_ai.prompt.", "gen_ai.completion."];

    public static bool IsFlat(JsonElement value) =>
        value.EnumerateObject().Any(member => Array.Exists(Prefixes, prefix => member.Name.StartsWith(prefix, StringComparison.Ordinal) && NumberAt(member.Name, prefix.Length) is not null));

    public static IEnumerable<RunMessage> Read(JsonElement value, Place place, bool inner)
    {
        var messages = new SortedDictionary<(int Prefix, int Number), Parts>();
        foreach (var member in value.EnumerateObject())
        {
            var prefix = Array.FindIndex(Prefixes, prefix => member.Name.StartsWith(prefix, StringComparison.Ordinal));
            if (prefix < 0 || NumberAt(member.Name, Prefixes[prefix].Length) is not { } number)
            {
                continue;
            }

            var rest = member.Name[(Prefixes[prefix].Length + number.ToString(CultureInfo.InvariantCulture).Length)..].TrimStart('.');
            rest = rest.StartsWith("message.", StringComparison.Ordinal) ? rest["message.".Length..] : rest;
            var parts = messages.TryGetValue((prefix, number), out var known) ? known : messages[(prefix, number)] = new Parts(prefix is 1 or 3 ? "assistant" : "user");
            parts.Take(rest, member.Value, inner ? place : place.Member(member.Name), inner);
        }

        return messages.Values.Select(parts => parts.Build()).Where(message => !message.IsEmpty);
    }

    /// <summary>Gives the ids of calls in the raw messages, from <paramref name="raw"/> on, to those of the flat ones, which often lack them.</summary>
    public static void LendIds(List<RunMessage> messages, int from, int count, int raw)
    {
        var known = messages.Skip(raw).SelectMany(message => message.Calls).Where(call => call.Id is not null).ToList();
        var answers = messages.Skip(raw).SelectMany(message => message.Answers).Where(answer => answer.CallId is not null).ToList();
        foreach (var message in messages.Skip(from).Take(count))
        {
            for (var i = 0; i < message.Calls.Count; i++)
            {
                var call = message.Calls[i];
                if (call.Id is null && known.Find(other => other.Name == call.Name && other.Arguments?.Key == call.Arguments?.Key) is { } lender)
                {
                    message.Calls[i] = call with { Id = lender.Id };
                    known.Remove(lender);
                }
            }

            for (var i = 0; i < message.Answers.Count; i++)
            {
                var answer = message.Answers[i];
                if (answers.Find(other => (answer.CallId is null || answer.CallId == other.CallId) && other.Result.Key == answer.Result.Key) is { } lender)
                {
                    message.Answers[i] = answer with { CallId = lender.CallId, Name = answer.Name ?? lender.Name, Result = answer.Result with { SaysError = lender.Result.SaysError } };
                    answers.Remove(lender);
                }
            }
        }
    }

    private static int? NumberAt(string name, int start)
    {
        var end = start;
        while (end < name.Length && char.IsAsciiDigit(name[end]))
        {
            end++;
        }

        return end > start && end - start < 8 && (end == name.Length || name[end] == '.') ? int.Parse(name.AsSpan(start, end - start), CultureInfo.InvariantCulture) : null;
    }

    private sealed class Parts(string speaker)
    {
        private readonly SortedDictionary<int, (string? Id, string? Name, Payload? Arguments, Place Place)> _calls = [];
        private readonly List<Passage> _texts = [];
        private (JsonElement Value, Place Place)? _content;
        private string _role = speaker;
        private string? _callId;
        private string? _name;
        private bool _inner;

        public void Take(string name, JsonElement value, Place place, bool inner)
        {
            _inner = inner;
            var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            switch (name)
            {
                case "role":
                    _role = text?.ToUpperInvariant() switch { "HUMAN" or "USER" => "user", "AI" or "ASSISTANT" or "MODEL" => "assistant", "SYSTEM" or "DEVELOPER" => "system", "TOOL" or "FUNCTION" => "tool", _ => _role };
                    break;
                case "content":
                    _content = (value, place);
                    break;
                case "tool_call_id":
                    _callId = text;
                    break;
                case "name":
                    _name = text;
                    break;
                case not null when name.StartsWith("contents.", StringComparison.Ordinal) && name.EndsWith(".text", StringComparison.Ordinal) && text is { Length: > 0 }:
                    _texts.Add(new Passage(text, place));
                    break;
                case not null when name.StartsWith("tool_calls.", StringComparison.Ordinal) && NumberAt(name, "tool_calls.".Length) is { } number:
                    TakeCall(number, name, value, place);
                    break;
            }
        }

        public RunMessage Build()
        {
            var message = new RunMessage(_role);
            if (_content is { } content)
            {
                if (_role == "tool")
                {
                    var payload = Envelope.Result(content.Value, content.Place);
                    message.Answers.Add(new ToolAnswer(_callId, _name, _inner ? payload with { Place = content.Place, IsInner = true } : payload));
                }
                else if (content.Value.ValueKind == JsonValueKind.String && content.Value.GetString() is { Length: > 0 } text)
                {
                    message.Texts.Add(new Passage(text, content.Place));
                }
                else if (content.Value.ValueKind == JsonValueKind.Array)
                {
                    var index = 0;
                    foreach (var part in content.Value.EnumerateArray())
                    {
                        MessageParts.Read(message, part, _inner ? content.Place : content.Place.Item(index), _inner);
                        index++;
                    }
                }
            }

            message.Texts.AddRange(_texts);
            message.Calls.AddRange(_calls.Values.Where(call => call.Name is not null).Select(call => new AskedCall(call.Id, call.Name!, call.Arguments, call.Place)));
            return message;
        }

        private void TakeCall(int number, string name, JsonElement value, Place place)
        {
            var call = _calls.GetValueOrDefault(number);
            var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            if (name.EndsWith(".arguments", StringComparison.Ordinal))
            {
                call.Arguments = text is not null && Envelope.TryParse(text, out var parsed) ? new Payload(parsed, place, IsInner: true) : new Payload(value, place, _inner);
            }
            else if (name.EndsWith(".name", StringComparison.Ordinal))
            {
                (call.Name, call.Place) = (text, place);
            }
            else if (name.EndsWith(".id", StringComparison.Ordinal))
            {
                call.Id = text;
            }

            _calls[number] = call;
        }
    }
}
