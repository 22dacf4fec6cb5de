using System.Text.Json;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Where and why a piece of JSON broke.</summary>
/// <param name="Line">The line within the piece, from 0.</param>
/// <param name="Message">The reader's sentence, without its own idea of the place.</param>
internal sealed record JsonFailure(long Line, string Message)
{
    private const string PlaceMarker = " LineNumber: ";

    public static JsonFailure Of(JsonException exception)
    {
        var place = exception.Message.IndexOf(PlaceMarker, StringComparison.Ordinal);
        return new JsonFailure(exception.LineNumber ?? 0, place < 0 ? exception.Message : exception.Message[..place]);
    }
}
