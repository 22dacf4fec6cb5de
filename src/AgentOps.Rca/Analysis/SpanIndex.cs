using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Which spans an analysis looked at, and the SHA-256 of each one's canonical form. The stored form is one line of JSON a span,
/// <c>["&lt;span_id&gt;","&lt;sha256&gt;"]</c>, by id (bytes of UTF-8), so that it is the same for every order of arrival.
/// </summary>
public sealed class SpanIndex
{
    /// <summary>The media type of the stored form.</summary>
    public const string Mime = "application/vnd.agentops-rca.span-index";

    private readonly Dictionary<string, ArtifactDigest> _digests = new(StringComparer.Ordinal);

    /// <summary>How many spans it names.</summary>
    public int Count => _digests.Count;

    /// <summary>The ids and digests, in no order.</summary>
    public IReadOnlyDictionary<string, ArtifactDigest> Digests => _digests;

    /// <summary>Takes a span in.</summary>
    /// <param name="span">The span.</param>
    public void Add(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        _digests[span.SpanId] = SpanJson.Digest(span);
    }

    /// <summary>Stores the index as an artifact.</summary>
    /// <param name="artifacts">Where it is stored.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask<ArtifactDigest> StoreAsync(ArtifactVault artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, cancellationToken);
        await using var content = pipe.Reader.AsStream();
        var stored = await artifacts.PutAsync(content, Mime, piiMasked: true, expected: null, cancellationToken);
        await writing;
        return stored.Artifact.Digest;
    }

    /// <summary>Reads a stored index.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InvalidDataException">The bytes are no index.</exception>
    public static async ValueTask<SpanIndex> ReadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var index = new SpanIndex();
        using var reader = new StreamReader(content, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!TryReadLine(line, out var spanId, out var digest) || !index._digests.TryAdd(spanId, digest))
            {
                throw new InvalidDataException($"Line {index.Count + 1} of the span index is not a span's id and its SHA-256, or names a span twice.");
            }
        }

        return index;
    }

    private async Task WriteAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (spanId, digest) in _digests.OrderBy(pair => pair.Key, Utf8Comparer.Instance))
            {
                writer.Write("["u8);
                CanonicalJson.WriteText(spanId, writer);
                Encoding.UTF8.GetBytes($",\"{digest}\"]\n", writer);
                if (writer.UnflushedBytes > 64 * 1024)
                {
                    await writer.FlushAsync(cancellationToken);
                }
            }

            await writer.CompleteAsync();
        }
        catch (Exception exception)
        {
            await writer.CompleteAsync(exception);
            throw;
        }
    }

    private static bool TryReadLine(string line, out string spanId, out ArtifactDigest digest)
    {
        spanId = "";
        digest = default;
        try
        {
            var pair = JsonElement.Parse(line);
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
                || pair[0].ValueKind != JsonValueKind.String || pair[1].ValueKind != JsonValueKind.String)
            {
                return false;
            }

            spanId = pair[0].GetString()!;
            return ArtifactDigest.TryParse(pair[1].GetString(), out digest);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
