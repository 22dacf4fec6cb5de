using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Files;

/// <summary>The bytes of a file that is not packed: all of a small one, of a large one those around a place.</summary>
internal sealed class FileText : IAsyncDisposable
{
    private const int MostWhole = 32 * 1024 * 1024;
    private const int Before = 2 * 1024 * 1024;
    private const int After = 6 * 1024 * 1024;
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 1_024 };

    private readonly Stream _stream;
    private byte[] _bytes = [];
    private long _start = -1;

    private FileText(Stream stream) => _stream = stream;

    /// <summary>Whether it holds text as it is.</summary>
    public bool IsReadable { get; private set; }

    /// <summary>Takes a stream, which goes with this.</summary>
    public static async Task<FileText> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        var text = new FileText(stream);
        if (stream.CanSeek && stream.Length > 0)
        {
            await text.ReadAsync(0, (int)Math.Min(stream.Length, stream.Length <= MostWhole ? MostWhole : 2), cancellationToken).ConfigureAwait(false);
            text.IsReadable = text._bytes is not ([0x1F, 0x8B, ..] or [(byte)'P', (byte)'K', ..]);
        }

        return text;
    }

    /// <summary>Where words stand: in the record that begins at a place, else the nearest to it; null when they do not stand there.</summary>
    /// <param name="words">The words.</param>
    /// <param name="begin">The place.</param>
    /// <param name="isTaken">Whether those at an offset outside of that record are somebody else's: the same error may be told of several calls.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async ValueTask<FilePlace?> FindAsync(WordsInFile words, FilePlace begin, Predicate<long> isTaken, CancellationToken cancellationToken)
    {
        if (_stream.Length > MostWhole)
        {
            await ReadAsync(Math.Max(0, begin.Offset - Before), Before + After, cancellationToken).ConfigureAwait(false);
        }

        return begin.Offset >= _start && begin.Offset - _start < _bytes.Length ? Find(words, begin, isTaken) : null;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask ReadAsync(long start, int length, CancellationToken cancellationToken)
    {
        if (start == _start && length == _bytes.Length)
        {
            return;
        }

        _bytes = new byte[(int)Math.Min(length, _stream.Length - start)];
        _start = start;
        _stream.Position = start;
        await _stream.ReadExactlyAsync(_bytes, cancellationToken).ConfigureAwait(false);
    }

    private FilePlace? Find(WordsInFile words, FilePlace begin, Predicate<long> isTaken)
    {
        var from = (int)(begin.Offset - _start);
        var end = from + ValueLength(_bytes.AsSpan(from));
        var forms = Forms(words);
        foreach (var (form, led) in forms)
        {
            if (_bytes.AsSpan(from, end - from).IndexOf(form) is >= 0 and var at)
            {
                return PlaceAt(from + at + led, begin);
            }
        }

        var (nearest, leading) = (-1, 0);
        foreach (var (form, led) in forms)
        {
            foreach (var at in (ReadOnlySpan<int>)[Last(form, led, from, isTaken), First(form, led, end, isTaken)])
            {
                (nearest, leading) = at >= 0 && (nearest < 0 || Math.Abs(at - from) < Math.Abs(nearest - from)) ? (at, led) : (nearest, leading);
            }
        }

        return nearest < 0 ? null : PlaceAt(nearest + leading, begin);
    }

    private int First(byte[] form, int led, int from, Predicate<long> isTaken)
    {
        while (_bytes.AsSpan(from).IndexOf(form) is >= 0 and var at)
        {
            if (!isTaken(_start + from + at + led))
            {
                return from + at;
            }

            from += at + form.Length;
        }

        return -1;
    }

    private int Last(byte[] form, int led, int end, Predicate<long> isTaken)
    {
        while (_bytes.AsSpan(0, end).LastIndexOf(form) is >= 0 and var at)
        {
            if (!isTaken(_start + at + led))
            {
                return at;
            }

            end = at;
        }

        return -1;
    }

    // The words as they are, and as they stand within a JSON string, and within JSON that is itself a string, as different writers escape them; and how long what leads to them is.
    private static List<(byte[] Form, int Led)> Forms(WordsInFile words)
    {
        Func<string, string>[] writers = [JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode, static text => Ascii(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)), JavaScriptEncoder.Default.Encode];
        return
        [
            .. writers.Concat(writers.Select(static write => (Func<string, string>)(text => write(write(text))))).Append(static text => text)
                .Select(write => (Form: write(words.Text), Led: write(words.Leading))).DistinctBy(static form => form.Form, StringComparer.Ordinal)
                .Select(static form => (Encoding.UTF8.GetBytes(form.Form), Encoding.UTF8.GetByteCount(form.Led))),
        ];
    }

    private static string Ascii(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) == text.Length)
        {
            return text;
        }

        var all = new StringBuilder(text.Length * 2);
        foreach (var letter in text)
        {
            _ = letter < 0x80 ? all.Append(letter) : all.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        }

        return all.ToString();
    }

    private FilePlace PlaceAt(int at, FilePlace begin)
    {
        var from = (int)(begin.Offset - _start);
        var line = begin.Line == 0 ? 0
            : at >= from ? begin.Line + _bytes.AsSpan(from, at - from).Count((byte)'\n') : begin.Line - _bytes.AsSpan(at, from - at).Count((byte)'\n');
        var lineStart = _bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
        var lineEnd = _bytes.AsSpan(at).IndexOf((byte)'\n') is >= 0 and var length ? at + length : _bytes.Length;
        var isLine = lineStart > 0 || _start == 0;
        var pointer = isLine ? PointerAt(_bytes.AsSpan(lineStart, lineEnd - lineStart), at - lineStart) : null;
        pointer ??= _start == 0 ? PointerAt(_bytes, at) : null;
        return new FilePlace(line, _start + at, pointer);
    }

    /// <summary>How many bytes the JSON value takes with which bytes begin; all of them when it goes on after them, none when they are no JSON.</summary>
    private static int ValueLength(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(Deep));
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : bytes.Length;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    /// <summary>The JSON pointer (RFC 6901) of the value in which a byte of a document stands; null when it is no document.</summary>
    private static string? PointerAt(ReadOnlySpan<byte> document, int at)
    {
        try
        {
            var reader = new Utf8JsonReader(document, Deep);
            List<(string? Name, int Index)> path = [];
            string? pointer = null;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    path[^1] = (reader.GetString(), 0);
                }
                else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    path.RemoveAt(path.Count - 1);
                }
                else if (path is [.., (null, var index)])
                {
                    path[^1] = (null, index + 1);
                }

                pointer ??= at < reader.BytesConsumed ? Written(path) : null;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    path.Add(reader.TokenType == JsonTokenType.StartObject ? ("", 0) : (null, -1));
                }
            }

            return pointer;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Written(List<(string? Name, int Index)> path) => string.Concat(path.Select(static part =>
        part.Name is null ? string.Create(CultureInfo.InvariantCulture, $"/{part.Index}")
            : "/" + part.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
}

/// <summary>Words to be looked for in a file.</summary>
/// <param name="Text">The words.</param>
/// <param name="Leading">Those at their beginning that only lead to what is meant.</param>
internal readonly record struct WordsInFile(string Text, string Leading = "");
