using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>An <c>AnyValue</c>: text, a number, a flag, bytes, a list or a map.</summary>
internal readonly struct OtlpValue
{
    private const long LargestExactInteger = 1L << 53;

    private readonly object? _content;

    // The value, or where text that is still bytes stands: its place above, its length below.
    private readonly long _bits;

    private OtlpValue(OtlpValueKind kind, object? content, long bits = 0)
    {
        Kind = kind;
        _content = content;
        _bits = bits;
    }

    public OtlpValueKind Kind { get; }

    public string? Text => Kind != OtlpValueKind.Text ? null : _content as string ?? Encoding.UTF8.GetString(Utf8);

    public OtlpAttributes? Members => Kind == OtlpValueKind.Map ? (OtlpAttributes)_content! : null;

    public List<OtlpValue>? Items => Kind == OtlpValueKind.List ? (List<OtlpValue>)_content! : null;

    public long? Number => Kind == OtlpValueKind.Integer ? _bits : null;

    /// <summary>How long the text is, about: its characters, or the bytes that it still is.</summary>
    public int TextLength => Kind != OtlpValueKind.Text ? 0 : _content is string text ? text.Length : Utf8.Length;

    /// <summary>How many members of maps within it were left out because there were too many.</summary>
    public int Dropped => Kind switch
    {
        OtlpValueKind.Map => ((OtlpAttributes)_content!).Dropped,
        OtlpValueKind.List => ((List<OtlpValue>)_content!).Sum(static item => item.Dropped),
        _ => 0,
    };

    private ReadOnlySpan<byte> Utf8 => ((byte[])_content!).AsSpan((int)(_bits >> 32), (int)_bits);

    public static OtlpValue Of(string text) => new(OtlpValueKind.Text, text);

    /// <summary>Text that stands in a message. Most of it only goes from one UTF-8 into another, so it becomes no string before.</summary>
    /// <param name="message">The message, which stays as it is.</param>
    /// <param name="start">Where the text starts.</param>
    /// <param name="length">How many bytes it has: valid UTF-8 without U+0000.</param>
    public static OtlpValue OfUtf8(byte[] message, int start, int length) => new(OtlpValueKind.Text, message, ((long)start << 32) | (uint)length);

    public static OtlpValue Of(long number) => new(OtlpValueKind.Integer, null, number);

    public static OtlpValue Of(double number) => new(OtlpValueKind.Double, null, BitConverter.DoubleToInt64Bits(number));

    public static OtlpValue Of(bool flag) => new(OtlpValueKind.Flag, null, flag ? 1 : 0);

    public static OtlpValue Of(byte[] bytes) => new(OtlpValueKind.Bytes, bytes);

    public static OtlpValue Of(List<OtlpValue> items) => new(OtlpValueKind.List, items);

    public static OtlpValue Of(OtlpAttributes members) => new(OtlpValueKind.Map, members);

    public bool IsFlag(bool flag) => Kind == OtlpValueKind.Flag && (_bits != 0) == flag;

    /// <summary>Whether both are the same text.</summary>
    public bool IsSameText(OtlpValue other) => Kind == OtlpValueKind.Text && other.Kind == OtlpValueKind.Text
        && (_content is byte[] && other._content is byte[]? Utf8.SequenceEqual(other.Utf8) : Text == other.Text);

    /// <summary>Writes the value as JSON. What JSON or a double cannot hold becomes text: NaN, infinities, integers beyond 2^53.</summary>
    public void Write(Utf8JsonWriter json)
    {
        switch (Kind)
        {
            case OtlpValueKind.Text:
                if (_content is string text)
                {
                    json.WriteStringValue(text);
                }
                else
                {
                    json.WriteStringValue(Utf8);
                }

                break;
            case OtlpValueKind.Integer when _bits is >= -LargestExactInteger and <= LargestExactInteger:
                json.WriteNumberValue(_bits);
                break;
            case OtlpValueKind.Integer:
                json.WriteStringValue(_bits.ToString(CultureInfo.InvariantCulture));
                break;
            case OtlpValueKind.Double when BitConverter.Int64BitsToDouble(_bits) is var number && double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case OtlpValueKind.Double:
                json.WriteStringValue(BitConverter.Int64BitsToDouble(_bits).ToString(CultureInfo.InvariantCulture));
                break;
            case OtlpValueKind.Flag:
                json.WriteBooleanValue(_bits != 0);
                break;
            case OtlpValueKind.Bytes:
                json.WriteBase64StringValue((byte[])_content!);
                break;
            case OtlpValueKind.List:
                json.WriteStartArray();
                foreach (var item in (List<OtlpValue>)_content!)
                {
                    item.Write(json);
                }

                json.WriteEndArray();
                break;
            case OtlpValueKind.Map:
                json.WriteStartObject();
                ((OtlpAttributes)_content!).WriteMembers(json);
                json.WriteEndObject();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}

/// <summary>What an attribute's value is.</summary>
internal enum OtlpValueKind
{
    /// <summary>No value at all.</summary>
    None,

    Text,

    Integer,

    Double,

    Flag,

    Bytes,

    List,

    Map,
}
