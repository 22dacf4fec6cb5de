using System.Collections;
using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Recording;

/// <summary>Reads an activity as OTLP would send it, so that spans look the same whichever way they came.</summary>
internal static class ActivityRecords
{
    private const int Depth = 8;

    /// <summary>The record, or null when the activity has no W3C ids.</summary>
    public static OtlpSpan? Read(Activity activity, OtlpSource source)
    {
        if (activity.IdFormat != ActivityIdFormat.W3C)
        {
            return null;
        }

        var span = new OtlpSpan
        {
            Source = source,
            TraceId = activity.TraceId.ToHexString(),
            SpanId = activity.SpanId.ToHexString(),
            ParentSpanId = RecordedActivity.ParentOf(activity),
            Name = OtlpText.Clean(activity.DisplayName),
            Kind = (int)activity.Kind + 1,
            StartNs = Nanoseconds(activity.StartTimeUtc.Ticks),
            EndNs = Nanoseconds(activity.StartTimeUtc.Ticks + activity.Duration.Ticks),
            StatusCode = (int)activity.Status,
            TraceState = activity.TraceStateString is { Length: > 0 } state ? OtlpText.Clean(state) : null,
            StatusMessage = activity.StatusDescription is { } description ? OtlpText.Clean(description) : null,
        };
        foreach (ref readonly var tag in activity.EnumerateTagObjects())
        {
            span.Attributes.Add(OtlpText.Clean(tag.Key), Value(tag.Value, 0));
        }

        foreach (ref readonly var happened in activity.EnumerateEvents())
        {
            var found = new OtlpEvent { TimeNs = Nanoseconds(happened.Timestamp.UtcTicks), Name = OtlpText.Clean(happened.Name) };
            foreach (ref readonly var tag in happened.EnumerateTagObjects())
            {
                found.Attributes.Add(OtlpText.Clean(tag.Key), Value(tag.Value, 0));
            }

            span.Add(found);
        }

        foreach (ref readonly var other in activity.EnumerateLinks())
        {
            span.Add(new OtlpLink
            {
                TraceId = other.Context.TraceId.ToHexString(),
                SpanId = other.Context.SpanId.ToHexString(),
                TraceState = other.Context.TraceState is { Length: > 0 } passed ? OtlpText.Clean(passed) : null,
            });
        }

        return span;
    }

    // A time that 64 bits cannot hold is the last one that they can: the rest of the product would be another time.
    private static ulong Nanoseconds(long ticks) =>
        (ulong)UInt128.Min((UInt128)Math.Max(0, ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick, ulong.MaxValue);

    private static OtlpValue Value(object? value, int depth) => value switch
    {
        null => default,
        string text => OtlpValue.Of(OtlpText.Clean(text)),
        bool flag => OtlpValue.Of(flag),
        sbyte or byte or short or ushort or int or uint or long => OtlpValue.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        double number => OtlpValue.Of(number),
        float number => OtlpValue.Of((double)number),
        byte[] bytes => OtlpValue.Of(bytes),
        IEnumerable items when depth < Depth => OtlpValue.Of([.. items.Cast<object?>().Take(OtlpLimits.Items).Select(item => Value(item, depth + 1))]),
        IFormattable formattable => OtlpValue.Of(formattable.ToString(null, CultureInfo.InvariantCulture)),
        _ => OtlpValue.Of(OtlpText.Clean(value.ToString() ?? "")),
    };
}
