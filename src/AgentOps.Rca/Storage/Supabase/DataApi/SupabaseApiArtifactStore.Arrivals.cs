using System.Text.Json;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

internal sealed partial class SupabaseApiArtifactStore : IArtifactArrivals
{
    private const int ArrivalRows = 20_000;

    // 700 kB of a request.
    private const int PresentRows = 10_000;

    /// <inheritdoc/>
    public async ValueTask<long?> ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(show);
        if (!client.MayCallFunctions)
        {
            return null;
        }

        long now;
        using (var mark = await client.CallAsync("rpc/agentops_arrival_mark", ApiBody.Write(WriteNothing), cancellationToken).ConfigureAwait(false))
        {
            now = mark.RootElement.GetInt64();
        }

        // A database that was put back to an earlier day, or into another server, counts its transactions anew.
        (long Arrival, string Digest)? place = since is { } from ? (now < from ? 0 : from, "") : null;
        while (place is { } after)
        {
            using var page = await client.CallAsync("rpc/agentops_arrivals", ArrivalsBody(after), cancellationToken).ConfigureAwait(false);
            var digests = page.RootElement.GetProperty("digests");
            Show(digests, show);
            place = digests.GetArrayLength() == ArrivalRows
                ? (page.RootElement.GetProperty("last").GetInt64(), digests[ArrivalRows - 1].GetString()!)
                : null;
        }

        return now;
    }

    /// <inheritdoc/>
    public async ValueTask ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(show);
        if (!client.MayCallFunctions)
        {
            await foreach (var artifact in FindAsync(wanted, cancellationToken).ConfigureAwait(false))
            {
                show(artifact.Digest);
            }

            return;
        }

        foreach (var some in wanted.Chunk(PresentRows))
        {
            using var present = await client.CallAsync("rpc/agentops_present_artifacts", ApiBody.OfTexts("digests", some.Select(static digest => digest.ToString())), cancellationToken).ConfigureAwait(false);
            Show(present.RootElement, show);
        }
    }

    private static ApiBody ArrivalsBody((long Arrival, string Digest) after) => ApiBody.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("since", after.Arrival);
        writer.WriteString("after_digest", after.Digest);
        writer.WriteNumber("most", ArrivalRows);
        writer.WriteEndObject();
    });

    private static void WriteNothing(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    private static void Show(JsonElement digests, Action<ArtifactDigest> show)
    {
        foreach (var text in digests.EnumerateArray())
        {
            if (ArtifactDigest.TryParse(text.GetString(), out var digest))
            {
                show(digest);
            }
        }
    }
}
