using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Redaction;

/// <summary>
/// Replaces secrets and personal data by placeholders such as <c>[EMAIL_1]</c>. One value has one placeholder for as long as the redactor
/// lives, numbered by first appearance, so that the same texts in the same order always come out the same. Not for concurrent use.
/// </summary>
internal sealed partial class Redactor
{
    /// <summary>The version of what is found and how it is numbered; another one may hide other parts of the same text.</summary>
    public const string Version = "2";

    private readonly Dictionary<(string Kind, string Value), string> _placeholders = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known;
    private Func<string, bool>? _isKnown;

    /// <param name="known">Ids that look like secrets and are none, such as the digests and span ids of the case.</param>
    public Redactor(IEnumerable<string>? known = null) => _known = new HashSet<string>(known ?? [], StringComparer.Ordinal);

    /// <summary>Ends the work on a long text: nobody waits for it any more.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>Leaves these ids alone from now on.</summary>
    /// <param name="ids">Ids that look like secrets and are none.</param>
    public void Know(IEnumerable<string> ids) => _known.UnionWith(ids);

    /// <summary>Leaves the ids alone that this says are some, asked only of what looks like a secret.</summary>
    /// <param name="isId">Whether a text is an id.</param>
    public void Know(Func<string, bool> isId) => _isKnown = isId;

    /// <summary>The text without secrets, and without personal data unless that is masked already.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="personalDataIsMasked">Whether personal data was masked before.</param>
    public string Redact(string text, bool personalDataIsMasked = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var pattern in SecretPatterns.All)
        {
            text = Replace(text, pattern);
        }

        if (!personalDataIsMasked)
        {
            foreach (var pattern in PersonalDataPatterns.All)
            {
                text = Replace(text, pattern);
            }
        }

        return text;
    }

    /// <summary>The text with the values put back: only to compare it with stored bytes, never to show it.</summary>
    /// <param name="text">A text that may hold placeholders.</param>
    public string Restore(string text) => Placeholder.Replace(text, match => _values.GetValueOrDefault(match.Value, match.Value));

    /// <summary>The longest part of a redacted text that holds no placeholder: it stands in the original letter for letter.</summary>
    /// <param name="redacted">A text that came from <see cref="Redact"/>.</param>
    /// <returns>Null when nothing but placeholders and white space is left.</returns>
    public static string? LongestClearPart(string redacted) =>
        Placeholder.Split(redacted).Where(static part => !string.IsNullOrWhiteSpace(part)).MaxBy(static part => part.Length);

    private string Replace(string text, RedactionPattern pattern)
    {
        Stop.ThrowIfCancellationRequested();
        return pattern.Find.Replace(text, match => Replace(match, pattern));
    }

    private string Replace(Match match, RedactionPattern pattern)
    {
        Stop.ThrowIfCancellationRequested();
        var hidden = match.Groups["secret"] is { Success: true } part ? part : match.Groups[0];
        if (hidden.Length == 0 || _known.Contains(hidden.Value) || _isKnown?.Invoke(hidden.Value) == true || Placeholder.IsMatch(hidden.Value) || pattern.Accept?.Invoke(hidden.Value) == false)
        {
            return match.Value;
        }

        var start = hidden.Index - match.Index;
        return string.Concat(match.ValueSpan[..start], PlaceholderFor(pattern.Kind, hidden.Value), match.ValueSpan[(start + hidden.Length)..]);
    }

    private string PlaceholderFor(string kind, string value)
    {
        if (_placeholders.TryGetValue((kind, value), out var placeholder))
        {
            return placeholder;
        }

        var number = _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        placeholder = string.Create(CultureInfo.InvariantCulture, $"[{kind}_{number}]");
        _placeholders.Add((kind, value), placeholder);
        _values.Add(placeholder, value);
        return placeholder;
    }

    [GeneratedRegex(@"\[[A-Z]{2,12}_\d{1,9}\]", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder { get; }
}

/// <summary>A class of text to hide.</summary>
/// <param name="Kind">The placeholder's word.</param>
/// <param name="Find">Finds it; a group <c>secret</c> narrows what is hidden.</param>
/// <param name="Accept">Looks closer at what was found, or null.</param>
internal sealed record RedactionPattern(string Kind, Regex Find, Func<string, bool>? Accept = null);
