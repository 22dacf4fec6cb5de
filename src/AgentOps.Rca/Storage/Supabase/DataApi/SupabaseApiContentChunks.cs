using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>The chunks of contents through the Data API, where bytes travel as PostgreSQL's hexadecimal text.</summary>
internal sealed class SupabaseApiContentChunks(SupabaseApiClient client) : IContentChunks
{
    public async ValueTask AddAsync(ContentChunk chunk, CancellationToken cancellationToken)
    {
        try
        {
            using var rows = await client.InsertAsync(
                "artifact_contents?on_conflict=content_id,chunk&select=chunk", new ChunkBody(chunk), cancellationToken).ConfigureAwait(false);
        }
        catch (SupabaseApiException exception) when (IsTaken(exception))
        {
        }
    }

    public async ValueTask<IReadOnlyCollection<ArtifactDigest>> AddManyAsync(IReadOnlyList<ContentChunk> chunks, CancellationToken cancellationToken)
    {
        // Without the functions, each content is looked at by itself.
        if (!client.MayCallFunctions)
        {
            return [];
        }

        await client.AddAsync("artifact_contents?on_conflict=digest", ApiBody.Write(writer => Write(writer, chunks)), cancellationToken).ConfigureAwait(false);
        using var intact = await client.CallAsync(
            "rpc/agentops_intact_contents", DigestsBody(chunks.Select(static chunk => chunk.Whole!.Value.Digest)), cancellationToken).ConfigureAwait(false);
        return [.. intact.RootElement.EnumerateArray().Select(static digest => ArtifactDigest.Parse(digest.GetString()!))];
    }

    public async ValueTask PublishAsync(Guid contentId, StoredContent content, CancellationToken cancellationToken)
    {
        var body = ApiBody.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("digest", content.Digest.ToString());
            writer.WriteNumber("length", content.Length);
            writer.WriteEndObject();
        });
        try
        {
            using var rows = await client.UpdateAsync(
                $"artifact_contents?content_id=eq.{contentId}&chunk=eq.0&select=chunk", body, once: false, cancellationToken).ConfigureAwait(false);
        }
        catch (SupabaseApiException exception) when (IsTaken(exception))
        {
        }
    }

    public async ValueTask WithdrawAsync(Guid contentId, CancellationToken cancellationToken)
    {
        var body = ApiBody.Write(static writer =>
        {
            writer.WriteStartObject();
            writer.WriteNull("digest");
            writer.WriteEndObject();
        });
        using var rows = await client.UpdateAsync(
            $"artifact_contents?content_id=eq.{contentId}&chunk=eq.0&select=chunk", body, once: false, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<PublishedContent?> FindAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        using var reply = await client.GetChunkAsync(
            $"artifact_contents?digest=eq.{digest}&select=content_id,length,data", into: default, cancellationToken).ConfigureAwait(false);
        var rows = reply.Rows.RootElement;
        return rows.GetArrayLength() == 0
            ? null
            : new PublishedContent(rows[0].GetProperty("content_id").GetGuid(), ApiRows.Number(rows[0], "length"), reply.Length);
    }

    public async ValueTask<int?> ReadAsync(Guid contentId, int chunk, Memory<byte> into, CancellationToken cancellationToken)
    {
        using var reply = await client.GetChunkAsync(
            $"artifact_contents?content_id=eq.{contentId}&chunk=eq.{ApiFilter.Number(chunk)}&select=data", into, cancellationToken).ConfigureAwait(false);
        return reply.Rows.RootElement.GetArrayLength() == 0 ? null : reply.Length;
    }

    public async ValueTask DeleteAsync(Guid contentId, CancellationToken cancellationToken) =>
        await client.DeleteAsync($"artifact_contents?content_id=eq.{contentId}", cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Guid>> FindUnfinishedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        using var rows = await client.GetAsync(
            $"artifact_contents?chunk=eq.0&digest=is.null&created_ts=lt.{ApiFilter.Time(before)}&select=content_id", cancellationToken).ConfigureAwait(false);
        return [.. rows.RootElement.EnumerateArray().Select(row => row.GetProperty("content_id").GetGuid())];
    }

    public async ValueTask<IReadOnlyList<OldContent>> ListOldAsync(TimeSpan age, OldContent after, CancellationToken cancellationToken)
    {
        var body = ApiBody.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("min_age_seconds", age.TotalSeconds);
            writer.WriteString("after_ts", after.CreatedTs.UtcDateTime);
            writer.WriteString("after_digest", after.Digest);
            writer.WriteNumber("most", 500);
            writer.WriteEndObject();
        });
        using var rows = await client.CallAsync("rpc/agentops_old_contents", body, cancellationToken).ConfigureAwait(false);
        return [.. rows.RootElement.EnumerateArray().Select(row => new OldContent(ApiRows.Time(row, "created_ts"), ApiRows.Text(row, "digest")!))];
    }

    public async ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        if (client.MayCallFunctions)
        {
            using var kept = await client.CallAsync("rpc/agentops_keep_content", DigestBody(digest, age: null), cancellationToken).ConfigureAwait(false);
            return kept.RootElement.ValueKind == JsonValueKind.True;
        }

        // Without the functions, being made young does the same: the row of a chunk is either deleted or young.
        var body = ApiBody.Write(static writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("created_ts", "now");
            writer.WriteEndObject();
        });
        using var rows = await client.UpdateAsync($"artifact_contents?digest=eq.{digest}&select=chunk", body, once: false, cancellationToken).ConfigureAwait(false);
        return rows.RootElement.GetArrayLength() > 0;
    }

    public async ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken)
    {
        if (!client.MayCallFunctions)
        {
            return false;
        }

        using var kept = await client.CallAsync("rpc/agentops_keep_contents", DigestsBody(digests), cancellationToken).ConfigureAwait(false);
        return kept.RootElement.ValueKind == JsonValueKind.True;
    }

    public async ValueTask<bool> CollectAsync(ArtifactDigest digest, TimeSpan age, CancellationToken cancellationToken)
    {
        using var collected = await client.CallAsync("rpc/agentops_collect_content", DigestBody(digest, age), cancellationToken).ConfigureAwait(false);
        return collected.RootElement.ValueKind == JsonValueKind.True;
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<ContentChunk> chunks)
    {
        var text = ArrayPool<byte>.Shared.Rent(2 + (2 * chunks.Max(static chunk => chunk.Data.Length)));
        try
        {
            "\\x"u8.CopyTo(text);
            writer.WriteStartArray();
            foreach (var (contentId, index, data, whole) in chunks)
            {
                writer.WriteStartObject();
                writer.WriteString("content_id", contentId);
                writer.WriteNumber("chunk", index);
                writer.WriteString("digest", whole!.Value.Digest.ToString());
                writer.WriteNumber("length", whole.Value.Length);
                Convert.TryToHexStringLower(data.Span, text.AsSpan(2), out var count);
                writer.WriteString("data"u8, text.AsSpan(0, 2 + count));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static ApiBody DigestsBody(IEnumerable<ArtifactDigest> digests) =>
        ApiBody.OfTexts("content_digests", digests.Select(static digest => digest.ToString()));

    private static ApiBody DigestBody(ArtifactDigest digest, TimeSpan? age) => ApiBody.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("content_digest", digest.ToString());
        if (age is { } span)
        {
            writer.WriteNumber("min_age_seconds", span.TotalSeconds);
        }

        writer.WriteEndObject();
    });

    // Another content has the digest, or this very call has been here before.
    private static bool IsTaken(SupabaseApiException exception) => exception.Code == "23505";
}
