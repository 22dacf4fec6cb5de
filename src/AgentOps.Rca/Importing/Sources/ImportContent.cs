using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>Unpacked content that can be read several times, by one reader at a time.</summary>
/// <param name="open">Opens it from its start.</param>
/// <param name="member">Its name within an archive, or null.</param>
/// <param name="shape">What its first bytes say of it.</param>
internal sealed class ImportContent(Func<Stream> open, string? member, FileShape shape)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ImportLimits.Depth };

    public string? Member => member;

    public FileShape Shape => shape;

    /// <summary>How many bytes were read by all readings.</summary>
    public long BytesRead { get; private set; }

    public Stream Open() => open();

    /// <summary>The same content seen as one value among others, such as a line that is a document.</summary>
    public static ImportContent Of(ReadOnlyMemory<byte> json, FilePlace place) =>
        new(() => new MemoryStream(json.ToArray(), writable: false), place.Member, FileShape.Of(json.Span, isWhole: true)) { Base = place };

    /// <summary>Where the content stands in the file.</summary>
    public FilePlace Base { get; private init; } = new(1, 0, null, member);

    /// <summary>The SHA-256 of the content, for a run that has no name of its own.</summary>
    public async ValueTask<string> DigestAsync(CancellationToken cancellationToken)
    {
        var stream = Open();
        await using var streamDisposal = stream.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Its lines. Each record is valid until the next one is read.</summary>
    public async IAsyncEnumerable<ImportRecord> LinesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = Open();
        await using var streamDisposal = stream.ConfigureAwait(false);
        var lines = new ImportLines(stream);
        while (true)
        {
            var (isThere, fault) = await TryReadAsync(lines.ReadAsync(cancellationToken)).ConfigureAwait(false);
            BytesRead = lines.Offset;
            var place = new FilePlace(lines.Number, lines.Offset, null, member);
            if (!isThere)
            {
                if (fault is not null)
                {
                    yield return new ImportRecord(place with { Line = place.Line + 1 }, default, default, fault);
                }

                yield break;
            }

            if (lines.IsTooLong)
            {
                yield return new ImportRecord(place, default, default, $"A line of more than {ImportLimits.RecordBytes} bytes is not read.");
            }
            else if (lines.Line.Span.ContainsAnyExcept(" \t\r"u8))
            {
                using var document = TryParse(lines.Line, out var problem);
                yield return new ImportRecord(place, lines.Line, document?.RootElement ?? default, problem);
            }
        }
    }

    /// <summary>
    /// The members of a document: an object's values, and of its lists, or of a document that is one, each item. Each record is valid until the
    /// next one is read.
    /// </summary>
    /// <param name="wants">Whether the values under a member of the root are to be parsed; the others are passed over.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<ImportRecord> MembersAsync(
        Predicate<string> wants, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = Open();
        await using var streamDisposal = stream.ConfigureAwait(false);
        var members = new JsonMembers(stream, Base);
        while (true)
        {
            var (isThere, fault) = await TryReadAsync(members.ReadAsync(wants, cancellationToken)).ConfigureAwait(false);
            BytesRead = members.At.Offset;
            if (!isThere)
            {
                // A document that breaks off costs what stands behind that place.
                if (fault is not null)
                {
                    yield return new ImportRecord(members.At, default, default, fault);
                }

                yield break;
            }

            if (members.IsTooLong)
            {
                yield return new ImportRecord(members.Place, default, default, $"A value of more than {ImportLimits.RecordBytes} bytes is not read.") { Name = members.Name, Index = members.Index };
                continue;
            }

            using var document = TryParse(members.Value, out var problem);
            yield return new ImportRecord(members.Place, members.Value, document?.RootElement ?? default, problem) { Name = members.Name, Index = members.Index };
        }
    }

    /// <summary>The records of a file that has one a line, or one an item of a list, or that is one.</summary>
    public IAsyncEnumerable<ImportRecord> RecordsAsync(CancellationToken cancellationToken) =>
        shape.IsLines ? LinesAsync(cancellationToken) : shape.IsArray ? MembersAsync(static _ => true, cancellationToken) : WholeAsync(cancellationToken);

    /// <summary>Parses a record; null with the problem when it is none.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json, out string? problem)
    {
        problem = null;
        json = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (!Utf8.IsValid(json.Span))
        {
            problem = "A record is not valid UTF-8.";
            return null;
        }

        return TryParseStrictly(json) ?? (BareNumbers.Quote(json.Span) is { } quoted ? TryParseStrictly(quoted) : null) ?? Fail("A record is no JSON, or breaks off.", out problem);
    }

    private static JsonDocument? TryParseStrictly(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonDocument? Fail(string what, out string? problem)
    {
        problem = what;
        return null;
    }

    private static async ValueTask<(bool IsThere, string? Fault)> TryReadAsync(ValueTask<bool> reading)
    {
        try
        {
            return (await reading.ConfigureAwait(false), null);
        }
        catch (BrokenDocumentException exception)
        {
            return (false, exception.Message);
        }
        catch (InvalidDataException)
        {
            return (false, "A packed file is damaged.");
        }
    }

    // A document that is one record may be written over several lines.
    private async IAsyncEnumerable<ImportRecord> WholeAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = Open();
        await using var streamDisposal = stream.ConfigureAwait(false);
        var bytes = await ReadWholeAsync(stream, ImportLimits.RecordBytes, cancellationToken).ConfigureAwait(false);
        BytesRead = bytes.Length;
        if (bytes.Length > ImportLimits.RecordBytes)
        {
            yield return new ImportRecord(Base, default, default, $"A document of this form with more than {ImportLimits.RecordBytes} bytes is not read.");
            yield break;
        }

        using var document = TryParse(bytes, out var problem);
        yield return new ImportRecord(Base, bytes, document?.RootElement ?? default, problem);
    }

    /// <summary>The bytes of a stream; one more than <paramref name="most"/> when there are more.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadWholeAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while (whole.Length <= most && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most + 1L - whole.Length)), cancellationToken).ConfigureAwait(false)) > 0)
        {
            whole.Write(buffer, 0, read);
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }
}

/// <summary>A record of a file, or why there is none.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Value">The record; undefined when it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
internal readonly record struct ImportRecord(FilePlace Place, ReadOnlyMemory<byte> Bytes, JsonElement Value, string? Problem)
{
    /// <summary>The member of the root under which it stands; empty in a list.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its number in the list, or -1 for a value that is no item.</summary>
    public int Index { get; init; } = -1;
}
