using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Reading;

/// <summary>Makes texts fit to be shown: of bounded length, with secrets and personal data masked.</summary>
/// <param name="mostText">How many characters are shown at most.</param>
/// <param name="redactor">What masks; null when nothing is masked.</param>
internal sealed class TextPreviews(int mostText, Redactor? redactor)
{
    /// <summary>How many characters of a text are shown when nobody says.</summary>
    public const int Usual = 16_384;

    /// <summary>How many characters of a text are shown at most.</summary>
    public const int Longest = 262_144;

    // A secret may begin in what is shown and end after it.
    private const int LookAhead = 4_096;

    /// <summary>A text as it is shown, or null when there is none.</summary>
    public TextPreview? Show(string? text, ArtifactDigest? digest)
    {
        if (text is null)
        {
            return null;
        }

        var looked = text.Length > mostText + LookAhead ? text[..(mostText + LookAhead)] : text;
        var parts = redactor is null ? [new ShownPart(0, looked.Length, looked, IsMasked: false)] : redactor.Parts(looked);
        var shown = new StringBuilder(Math.Min(mostText, looked.Length) + 16);
        var (masked, isCut) = (0, looked.Length < text.Length);
        foreach (var part in parts)
        {
            var room = mostText - shown.Length;
            if (room <= 0)
            {
                isCut = true;
                break;
            }

            if (part.IsMasked || part.Text.Length <= room)
            {
                shown.Append(part.Text);
                masked += part.IsMasked ? 1 : 0;
                continue;
            }

            shown.Append(part.Text.AsSpan(0, char.IsHighSurrogate(part.Text[room - 1]) ? room - 1 : room));
            isCut = true;
            break;
        }

        return new TextPreview(shown.ToString(), text.Length, isCut, masked, digest?.ToString());
    }
}
