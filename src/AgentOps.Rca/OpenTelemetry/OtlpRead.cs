using System.Globalization;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>One record of a request, or why it cannot be read; the records beside it are read all the same.</summary>
/// <param name="Record">The record, or null.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Problem">Why there is no record.</param>
internal readonly record struct OtlpRead<T>(T? Record, OtlpPlace Place, string? Problem)
    where T : class;

/// <summary>Where a record stands in a request: numbers from 0, written as a pointer when somebody asks.</summary>
/// <param name="Names">What the lists around the record are called.</param>
/// <param name="Group">Which resource.</param>
/// <param name="Scope">Which scope of it, or -1 for the resource itself.</param>
/// <param name="Record">Which record of it, or -1 for the scope itself.</param>
internal readonly record struct OtlpPlace(OtlpNamesOfSignal Names, int Group, int Scope = -1, int Record = -1)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"/{Names.Groups}/{Group}{(Scope < 0 ? "" : $"/{Names.Scopes}/{Scope}")}{(Record < 0 ? "" : $"/{Names.Records}/{Record}")}");
}

/// <summary>What the lists around the records of a signal are called in JSON, first the name that OTLP gives them.</summary>
internal sealed record OtlpNamesOfSignal(string[] AllGroups, string[] AllScopes, string[] AllRecords)
{
    public static OtlpNamesOfSignal Traces { get; } =
        new(["resourceSpans", "batches"], ["scopeSpans", "instrumentationLibrarySpans"], ["spans"]);

    public static OtlpNamesOfSignal Logs { get; } =
        new(["resourceLogs"], ["scopeLogs", "instrumentationLibraryLogs"], ["logRecords", "logs"]);

    public string Groups => AllGroups[0];

    public string Scopes => AllScopes[0];

    public string Records => AllRecords[0];
}

/// <summary>A member of a record that is not in the form that OTLP gives it. The record is kept, and so is what was sent.</summary>
/// <param name="Member">The member's name in JSON.</param>
/// <param name="Text">What was sent, cut when it is long.</param>
/// <param name="Problem">A sentence for the sender.</param>
internal readonly record struct OtlpUnread(string Member, string Text, string Problem);

/// <summary>What spans and log records have in common.</summary>
internal abstract class OtlpRecord
{
    private const int LongestText = 128;

    /// <summary>Who sent it.</summary>
    public required OtlpSource Source { get; set; }

    /// <summary>What the sender and this reader left out.</summary>
    public long Dropped { get; set; }

    /// <summary>What could not be read; null when all could.</summary>
    public List<OtlpUnread>? Unread { get; protected set; }

    public void AddUnread(string member, string text, string problem) =>
        (Unread ??= []).Add(new OtlpUnread(member, OtlpText.Shorten(text, LongestText), problem));

    /// <summary>An id that came as text; what is there but no id is noted.</summary>
    public string? ReadId(string? text, int length, string member, string what)
    {
        if (string.IsNullOrEmpty(text) || OtlpText.TryReadId(text, length, out var id))
        {
            return string.IsNullOrEmpty(text) ? null : OtlpText.Id(text, length);
        }

        AddUnread(member, text, $"The {what} '{OtlpText.Shorten(text, 40)}' is not {2 * length} hexadecimal digits, and not {length} bytes in base64.");
        return id;
    }

    /// <summary>An id that came as bytes; what is there but no id is noted.</summary>
    public string? CheckId(string? id, ReadOnlySpan<byte> bytes, int length, string member, string what)
    {
        if (id is null && bytes.Length != length && bytes.Length > 0)
        {
            AddUnread(
                member,
                Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, LongestText / 2)]),
                $"The {what} has {bytes.Length} bytes and not {length}{(bytes.Length == length * 3 / 2 ? ": its hexadecimal digits were read as base64" : "")}.");
        }

        return id;
    }

    /// <summary>A value of an enumeration; one that is not known is noted, and stands for none.</summary>
    public int CheckCode(long code, int most, string member)
    {
        if (code >= 0 && code <= most)
        {
            return (int)code;
        }

        var text = code.ToString(CultureInfo.InvariantCulture);
        AddUnread(member, text, $"The member '{member}' has the value {text}, which OTLP does not know.");
        return 0;
    }

    /// <summary>Why it has no id of this member: what was sent is none, or nothing was sent.</summary>
    public string WhyNoId(string member, string what)
    {
        foreach (var unread in Unread ?? [])
        {
            if (unread.Member == member)
            {
                return unread.Problem;
            }
        }

        return $"There is no {what}.";
    }
}
