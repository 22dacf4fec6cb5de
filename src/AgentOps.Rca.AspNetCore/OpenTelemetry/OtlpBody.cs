using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.OpenTelemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>The body of an OTLP request, unpacked into memory that a limit bounds.</summary>
internal static class OtlpBody
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    private const int FirstBuffer = 64 * 1024;

    // As it is unpacked, and in one piece.
    private const int TimesInMemory = 2;

    /// <summary>The form that the request says its body has, or null when it is none of OTLP's.</summary>
    public static OtlpEncoding? EncodingOf(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? null
        : type.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Protobuf
        : type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Json
        : null;

    public static string MediaTypeOf(OtlpEncoding encoding) => encoding == OtlpEncoding.Json ? Json : Protobuf;

    /// <summary>Reads and unpacks the body; the status is 200 when it is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">How many bytes the unpacked body may have.</param>
    /// <param name="share">Where the memory of the body comes from.</param>
    /// <param name="memory">Where the memory of all requests comes from.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<(int Status, string? Problem, ReadOnlyMemory<byte> Body)> ReadAsync(
        HttpRequest request, long most, OtlpBudget.Share share, MemoryBudget.Share memory, CancellationToken cancellationToken)
    {
        var body = EndedStream.Open(request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant(), request.Body);
        if (body is null)
        {
            return (StatusCodes.Status415UnsupportedMediaType, "The body may be compressed with gzip, deflate or br, once.", default);
        }

        await using var bodyDisposal = body.ConfigureAwait(false);
        try
        {
            var (status, bytes) = await ReadAsync(body, request.ContentLength, most, share, memory, cancellationToken).ConfigureAwait(false);
            return (status, ProblemOf(status, most), bytes);
        }
        catch (InvalidDataException exception)
        {
            return (StatusCodes.Status400BadRequest, $"The body cannot be unpacked: {exception.Message}", default);
        }
    }

    private static string? ProblemOf(int status, long most) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => $"The unpacked body has more than {most} bytes; let the exporter send smaller batches.",
        StatusCodes.Status400BadRequest => "The body cannot be unpacked: it ends too early, or something stands behind its end.",
        StatusCodes.Status503ServiceUnavailable => "Too much is being received now; send it again.",
        _ => null,
    };

    private static async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> ReadAsync(
        EndedStream body, long? length, long most, OtlpBudget.Share share, MemoryBudget.Share memory, CancellationToken cancellationToken)
    {
        var size = Math.Clamp(length ?? FirstBuffer, 1_024, Math.Min(most, FirstBuffer * 16));
        if (!share.TryGrowTo(size) || !memory.TryGrowTo(size * TimesInMemory))
        {
            return (StatusCodes.Status503ServiceUnavailable, default);
        }

        using var buffer = new BodyBuffer();
        while (true)
        {
            var read = await body.ReadAsync(buffer.Rest, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                // The copy is of its exact size; what was refused before has cost no memory of its own.
                var whole = buffer.ToArray();
                return !body.IsEnded(whole) ? (StatusCodes.Status400BadRequest, default) : (StatusCodes.Status200OK, whole.AsMemory(0, whole.Length - body.Extra));
            }

            buffer.Advance(read);
            if (buffer.Length > most + body.Extra)
            {
                return (StatusCodes.Status413PayloadTooLarge, default);
            }

            if (buffer.Length > size && size < most)
            {
                size = Math.Min(size * 2, most);
                if (!share.TryGrowTo(size) || !memory.TryGrowTo(size * TimesInMemory))
                {
                    return (StatusCodes.Status503ServiceUnavailable, default);
                }
            }
        }
    }
}
