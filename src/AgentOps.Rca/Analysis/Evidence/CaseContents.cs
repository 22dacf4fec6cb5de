using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>Reads the artifacts of a case: what was read once is kept, how much is read is bounded, and what could not be read is noted.</summary>
internal sealed class CaseContents(RcaCase rcaCase)
{
    private const int MostArtifacts = 2_000;
    private const int MostArtifactBytes = 256 * 1024;

    // What models were given and said: a prompt near the limit of its model has a few megabytes.
    private const int MostContentBytes = 4 * 1024 * 1024;
    private const long MostContent = 256L * 1024 * 1024;

    private readonly Dictionary<ArtifactDigest, JsonElement?> _artifacts = [];
    private int _texts;
    private long _contentBytes;

    /// <summary>The named artifacts that could not be read, so that the report can say so.</summary>
    public SortedSet<string> Unreadable { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some artifacts were not opened because there are too many.</summary>
    public bool LeftOut { get; private set; }

    /// <summary>The JSON of an artifact, or null when it is missing, damaged, too large, or no JSON.</summary>
    public async ValueTask<JsonElement?> ReadJsonAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || rcaCase.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (_artifacts.TryGetValue(known, out var json))
        {
            return json;
        }

        if (_artifacts.Count >= MostArtifacts)
        {
            LeftOut = true;
            return null;
        }

        // A parsed document may still hold text that cannot be read: bytes that are no UTF-8, and escaped halves of surrogate pairs.
        return _artifacts[known] = await ReadAsync(known, MostArtifactBytes, cancellationToken).ConfigureAwait(false) is { } content
            && JsonRules.TryRead(content.Span, out var value) ? value : null;
    }

    /// <summary>An artifact as text of UTF-8, or null when it is missing, damaged, too large, or no text.</summary>
    public async ValueTask<string?> ReadTextAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || rcaCase.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (++_texts > MostArtifacts)
        {
            LeftOut = true;
            return null;
        }

        return await ReadAsync(known, MostArtifactBytes, cancellationToken).ConfigureAwait(false) is { } content && Utf8.IsValid(content.Span)
            ? Encoding.UTF8.GetString(content.Span)
            : null;
    }

    /// <summary>What a step was given or gave back, as JSON or as the text that it is; null when it is missing, damaged or too large, or no text.</summary>
    public async ValueTask<(JsonElement Value, bool IsJson)?> ReadContentAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } known || rcaCase.MissingArtifacts.Contains(known))
        {
            return null;
        }

        if (_contentBytes > MostContent)
        {
            LeftOut = true;
            return null;
        }

        // Nothing but white space says nothing, and there would be no words to point at.
        if (await ReadAsync(known, MostContentBytes, cancellationToken).ConfigureAwait(false) is not { } content || content.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return null;
        }

        _contentBytes += content.Length;
        return JsonRules.TryRead(content.Span, out var value) ? (value, true)
            : Utf8.IsValid(content.Span) ? (JsonElement.Parse($"\"{JsonEncodedText.Encode(content.Span)}\""), false)
            : null;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(ArtifactDigest digest, int most, CancellationToken cancellationToken)
    {
        var content = await rcaCase.ReadArtifact(digest, most, cancellationToken).ConfigureAwait(false);
        if (content is null && !rcaCase.MissingArtifacts.Contains(digest))
        {
            Unreadable.Add(digest.ToString());
        }

        return content;
    }
}
