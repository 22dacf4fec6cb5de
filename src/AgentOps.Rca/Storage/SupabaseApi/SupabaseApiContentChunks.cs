using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>The chunks of contents through the Data API, where bytes travel as PostgreSQL's hexadecimal text.</summary>
internal sealed class SupabaseApiContentChunks(SupabaseApiClient client) : IContentChunks
{
    // What JSON makes of PostgreSQL's \x. Chunks are a mebibyte: as texts they would be four times as much, several times over.
    private static ReadOnlySpan<byte> HexPrefix => "\"\\\\x"u8;

    public async ValueTask AddAsync(ContentChunk chunk, CancellationToken cancellationToken)
    {
        var body = ApiRows.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("content_id", chunk.ContentId);
            writer.WriteNumber("chunk", chunk.Index);
            writer.WritePropertyName("data");
            WriteHex(writer, chunk.Data.Span);
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
                rows[0].GetProperty("content_id").GetGuid(), ApiRows.Number(rows[0], "length"), HexOf(rows[0]).Length / 2);
    }

    public async ValueTask<byte[]?> ReadAsync(Guid contentId, int chunk, CancellationToken cancellationToken)
    {
        var rows = await client.GetAsync(
            $"artifact_contents?content_id=eq.{contentId}&chunk=eq.{ApiFilter.Number(chunk)}&select=data", cancellationToken);
        return rows.GetArrayLength() == 0 ? null : FromHex(HexOf(rows[0]));
    }

    public async ValueTask DeleteAsync(Guid contentId, CancellationToken cancellationToken) =>
        await client.DeleteAsync($"artifact_contents?content_id=eq.{contentId}", cancellationToken);

    public async ValueTask<IReadOnlyList<Guid>> FindUnfinishedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var rows = await client.GetAsync(
            $"artifact_contents?chunk=eq.0&digest=is.null&created_ts=lt.{ApiFilter.Time(before)}&select=content_id", cancellationToken);
        return [.. rows.EnumerateArray().Select(row => row.GetProperty("content_id").GetGuid())];
    }

    private static void WriteHex(Utf8JsonWriter writer, ReadOnlySpan<byte> data)
    {
        var length = HexPrefix.Length + (data.Length * 2) + 1;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        HexPrefix.CopyTo(buffer);
        Convert.TryToHexStringLower(data, buffer.AsSpan(HexPrefix.Length), out _);
        buffer[length - 1] = (byte)'"';
        writer.WriteRawValue(buffer.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static ReadOnlySpan<byte> HexOf(JsonElement row)
    {
        var raw = JsonMarshal.GetRawUtf8Value(row.GetProperty("data"));
        return raw.StartsWith(HexPrefix) ? raw[HexPrefix.Length..^1] : throw new InvalidDataException("The Data API gave bytes in another form than hexadecimal.");
    }

    private static byte[] FromHex(ReadOnlySpan<byte> hex)
    {
        var data = new byte[hex.Length / 2];
        return Convert.FromHexString(hex, data, out _, out _) == OperationStatus.Done
            ? data : throw new InvalidDataException("The Data API gave bytes that are not hexadecimal.");
    }

    // Another content has the digest, or this very call has been here before.
    private static bool IsTaken(SupabaseApiException exception) => exception.Code == "23505";
}
