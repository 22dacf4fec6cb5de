using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>
/// Incidents whose details are large, sent piece by piece. Written at once, a document of many mebibytes lies in the server's memory until its reader has taken it, and that memory
/// is not given back while requests come.
/// </summary>
internal sealed class LargeIncidentsAnswer : IResult
{
    private const int Large = 64 * 1024;

    private readonly int _status;
    private readonly List<(byte[] Frame, RecordJson Details)> _incidents;
    private readonly bool _isList;

    private LargeIncidentsAnswer(int status, List<(byte[] Frame, RecordJson Details)> incidents, bool isList) => (_status, _incidents, _isList) = (status, incidents, isList);

    /// <summary>Whether an incident has details that are worth it.</summary>
    public static bool IsFor(Incident incident) => incident.KeptDetails.Utf8Length >= Large;

    /// <summary>One incident.</summary>
    public static LargeIncidentsAnswer One<T>(int status, T incident, JsonTypeInfo<T> type)
        where T : IncidentResponse => new(status, [Take(incident, type)], isList: false);

    /// <summary>A page of a listing.</summary>
    public static LargeIncidentsAnswer List(IEnumerable<IncidentResponse> incidents) => new(
        StatusCodes.Status200OK, [.. incidents.Select(static incident => Take(incident, IncidentsJsonContext.Default.IncidentResponse))], isList: true);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var (response, token) = (httpContext.Response, httpContext.RequestAborted);
        response.StatusCode = _status;
        response.ContentType = MediaTypes.Json;
        var pieces = new ArrayBufferWriter<byte>(Large + 4_096);
        var json = new Utf8JsonWriter(pieces);
        await using var jsonDisposal = json.ConfigureAwait(false);
        pieces.Write(_isList ? "["u8 : default);
        for (var place = 0; place < _incidents.Count; place++)
        {
            var (frame, details) = _incidents[place];
            pieces.Write(place == 0 ? default : ","u8);

            // In a frame no text can hold this: its quotation marks would be escaped.
            var hole = frame.AsSpan().IndexOf("\"details\":{}"u8) + "\"details\":".Length;
            pieces.Write(frame.AsSpan(0, hole));
            json.Reset(pieces);
            for (var writing = new RecordJsonWriting(details); writing.WriteSome(json, Large);)
            {
                await SendAsync().ConfigureAwait(false);
            }

            pieces.Write(frame.AsSpan(hole + "{}".Length));
        }

        pieces.Write(_isList ? "]"u8 : default);
        await SendAsync().ConfigureAwait(false);

        async ValueTask SendAsync()
        {
            await response.Body.WriteAsync(pieces.WrittenMemory, token).ConfigureAwait(false);
            pieces.ResetWrittenCount();
        }
    }

    private static (byte[] Frame, RecordJson Details) Take<T>(T incident, JsonTypeInfo<T> type)
        where T : IncidentResponse => (JsonSerializer.SerializeToUtf8Bytes(incident with { Details = RecordJson.Empty }, type), incident.Details);
}
