using AgentOps.Rca.Spans.Ingest;

namespace AgentOps.Rca.OpenTelemetry;

/// <content>Attributes and their values.</content>
internal static partial class OtlpProtobuf
{
    private static void ReadAttribute(
        ProtobufReader reader, OtlpAttributes attributes, TextCache texts, int depth = 0, Budget? budget = null)
    {
        var name = "";
        var value = default(OtlpValue);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    name = reader.ReadText(texts);
                    break;
                case 2:
                    value = ReadValue(reader.ReadMessage(), depth, budget, texts);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        attributes.Add(name, value);
    }

    private static OtlpValue ReadValue(ProtobufReader reader, int depth, Budget? budget, TextCache texts)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new InvalidDataException($"A value nests deeper than {OtlpLimits.ValueDepth} steps.");
        }

        budget?.Spend();
        var value = default(OtlpValue);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    value = reader.ReadTextValue();
                    break;
                case 2:
                    value = OtlpValue.Of(reader.ReadNumber() != 0);
                    break;
                case 3:
                    value = OtlpValue.Of((long)reader.ReadNumber());
                    break;
                case 4:
                    value = OtlpValue.Of(BitConverter.UInt64BitsToDouble(reader.ReadFixed64()));
                    break;
                case 5:
                    budget ??= new Budget();
                    var items = new List<OtlpValue>();
                    foreach (var item in Messages(reader.ReadBytes(), 1))
                    {
                        items.Add(ReadValue(new ProtobufReader(item), depth + 1, budget, texts));
                    }

                    value = OtlpValue.Of(items);
                    break;
                case 6:
                    budget ??= new Budget();
                    var members = new OtlpAttributes();
                    foreach (var member in Messages(reader.ReadBytes(), 1))
                    {
                        ReadAttribute(new ProtobufReader(member), members, texts, depth + 1, budget);
                    }

                    value = OtlpValue.Of(members);
                    break;
                case 7:
                    value = OtlpValue.Of(reader.ReadBytes().ToArray());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return value;
    }

    // Empty values cost the sender two bytes and the reader far more.
    private sealed class Budget
    {
        private int _spent;

        public void Spend()
        {
            if (++_spent > OtlpLimits.Values)
            {
                throw new InvalidDataException($"An attribute holds more than {OtlpLimits.Values} values.");
            }
        }
    }
}
