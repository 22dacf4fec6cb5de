using System.Text;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>A message of Protocol Buffers, written field by field.</summary>
internal sealed class OtlpMessage
{
    private readonly MemoryStream _bytes = new();

    public OtlpMessage Number(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
        return this;
    }

    public OtlpMessage Fixed(int field, ulong value)
    {
        Varint(((ulong)field << 3) | 1);
        _bytes.Write(BitConverter.GetBytes(value));
        return this;
    }

    public OtlpMessage Bytes(int field, byte[] value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public OtlpMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public OtlpMessage Message(int field, OtlpMessage value) => Bytes(field, value.ToArray());

    public OtlpMessage Attribute(int field, string name, OtlpMessage value) => Message(field, new OtlpMessage().Text(1, name).Message(2, value));

    public OtlpMessage Attribute(int field, string name, string value) => Attribute(field, name, new OtlpMessage().Text(1, value));

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>A request of one resource, one scope and these records.</summary>
    public static byte[] Request(params OtlpMessage[] records)
    {
        var scope = new OtlpMessage().Message(1, new OtlpMessage().Text(1, "lib").Text(2, "1.0"));
        foreach (var record in records)
        {
            scope.Message(2, record);
        }

        return new OtlpMessage()
            .Message(1, new OtlpMessage().Message(1, new OtlpMessage().Attribute(1, "service.name", "orders")).Message(2, scope))
            .ToArray();
    }

    /// <summary>A span with every field that OTLP has.</summary>
    public static OtlpMessage Span(byte last = 1, string name = "execute_tool book") => new OtlpMessage()
        .Bytes(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
        .Bytes(2, [0xab, 0, 0, 0, 0, 0, 0, last])
        .Text(3, "vendor=1")
        .Bytes(4, [0xcd, 0, 0, 0, 0, 0, 0, 1])
        .Text(5, name)
        .Number(6, 3)
        .Fixed(7, 1_767_225_600_123_456_789)
        .Fixed(8, 1_767_225_601_123_456_789)
        .Attribute(9, "gen_ai.operation.name", "execute_tool")
        .Attribute(9, "gen_ai.tool.name", "book")
        .Attribute(9, "gen_ai.tool.call.arguments", """{"order":1}""")
        .Attribute(9, "n", new OtlpMessage().Number(3, 42))
        .Attribute(9, "negative", new OtlpMessage().Number(3, unchecked((ulong)-7)))
        .Attribute(9, "large", new OtlpMessage().Number(3, long.MaxValue))
        .Attribute(9, "yes", new OtlpMessage().Number(2, 1))
        .Attribute(9, "half", new OtlpMessage().Fixed(4, BitConverter.DoubleToUInt64Bits(0.5)))
        .Attribute(9, "nan", new OtlpMessage().Fixed(4, BitConverter.DoubleToUInt64Bits(double.NaN)))
        .Attribute(9, "list", new OtlpMessage().Message(5, new OtlpMessage().Message(1, new OtlpMessage().Text(1, "a")).Message(1, new OtlpMessage().Number(3, 1))))
        .Attribute(9, "map", new OtlpMessage().Message(6, new OtlpMessage().Attribute(1, "k", "v")))
        .Attribute(9, "bytes", new OtlpMessage().Bytes(7, [1, 2, 3]))
        .Number(10, 2)
        .Message(11, new OtlpMessage().Fixed(1, 1_767_225_600_500_000_000).Text(2, "exception").Attribute(3, "exception.message", "no"))
        .Message(13, new OtlpMessage().Bytes(1, [.. Enumerable.Repeat((byte)9, 16)]).Bytes(2, [.. Enumerable.Repeat((byte)8, 8)]))
        .Message(15, new OtlpMessage().Text(2, "no").Number(3, 2))
        .Number(99, 1);

    /// <summary>A log record with every field that OTLP has.</summary>
    public static OtlpMessage Log() => new OtlpMessage()
        .Fixed(1, 1_767_225_600_200_000_000)
        .Number(2, 17)
        .Text(3, "ERROR")
        .Message(5, new OtlpMessage().Text(1, "booking failed"))
        .Attribute(6, "order", "1")
        .Bytes(9, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
        .Bytes(10, [0xab, 0, 0, 0, 0, 0, 0, 1])
        .Fixed(11, 1_767_225_600_300_000_000)
        .Text(12, "booking");

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.WriteByte((byte)(value | 0x80));
        }

        _bytes.WriteByte((byte)value);
    }
}
