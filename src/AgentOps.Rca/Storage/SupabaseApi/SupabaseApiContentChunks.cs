using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>The chunks of contents through the Data API, where bytes travel as PostgreSQL's hexadecimal text.</summary>
internal sealed class SupabaseApiContentChunks(SupabaseApiClient client) : IContentChunks
{
    private const string HexPrefix = "\\x";

    public async ValueTask AddAsync(ContentChunk chunk, CancellationToken cancellationToken)
    {
        var body = ApiRows.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("content_id", chunk.ContentId);
            writer.WriteNumber("chunk", chunk.Index);
            writer.WriteString("data", HexPrefix + Convert.ToHexStringLower(chunk.Data.Span));
            if (chunk.Whole is { } whole)
            {
                writer.WriteString("digest", whole.Digest.ToString());
                writer.WriteNumber("length", whole.Length);
            }

            writer.WriteEndObject();
        });
        try
        {
            await client.InsertAsync("artifact_contents?on_conflict=content_id,chunk&select=chunk", body, cancellationToken);
        }
        catch (SupabaseApiException exception) when (IsTaken(exception))
        {
        }
    }

    public async ValueTask PublishAsync(Guid contentId, StoredContent content, CancellationToken cancellationToken)
    {
        var body = ApiRows.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("digest", content.Digest.ToString());
            writer.WriteNumber("length", content.Length);
            writer.WriteEndObject();
        });
        try
        {
            await client.UpdateAsync(
                $"artifact_contents?content_id=eq.{contentId}&chunk=eq.0&select=chunk", body, once: false, cancellationToken);
        }
        catch (SupabaseApiException exception) when (IsTaken(exception))
        {
        }
    }

    public async ValueTask WithdrawAsync(Guid contentId, CancellationToken cancellationToken) => await client.UpdateAsync(
        $"artifact_contents?content_id=eq.{contentId}&chunk=eq.0&select=chunk", "{\"digest\":null}"u8.ToArray(), once: false, cancellationToken);

    public async ValueTask<PublishedContent?> FindAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var rows = await client.GetAsync($"artifact_contents?digest=eq.{digest}&select=content_id,length,data", cancellationToken);
        return rows.GetArrayLength() == 0
            ? null
            : new PublishedContent(
                rows[0].GetProperty("content_id").GetGuid(), ApiRows.Number(rows[0], "length"), (ApiRows.Text(rows[0], "data")!.Length - 2) / 2);
    }

    public async ValueTask<byte[]?> ReadAsync(Guid contentId, int chunk, CancellationToken cancellationToken)
    {
        var rows = await client.GetAsync(
            $"artifact_contents?content_id=eq.{contentId}&chunk=eq.{ApiFilter.Number(chunk)}&select=data", cancellationToken);
        return rows.GetArrayLength() == 0 ? null : Convert.FromHexString(ApiRows.Text(rows[0], "data")!.AsSpan(HexPrefix.Length));
    }

    public async ValueTask DeleteAsync(Guid contentId, CancellationToken cancellationToken) =>
        await client.DeleteAsync($"artifact_contents?content_id=eq.{contentId}", cancellationToken);

    public async ValueTask<IReadOnlyList<Guid>> FindUnfinishedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var rows = await client.GetAsync(
            $"artifact_contents?chunk=eq.0&digest=is.null&created_ts=lt.{ApiFilter.Time(before)}&select=content_id", cancellationToken);
        return [.. rows.EnumerateArray().Select(row => row.GetProperty("content_id").GetGuid())];
    }

    // Another content has the digest, or this very call has been here before.
    private static bool IsTaken(SupabaseApiException exception) => exception.Code == "23505";
}
