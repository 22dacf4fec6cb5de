using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Identity;

/// <summary>Whether two names are the same person's, as a rule that needs two people must ask: when in doubt they are.</summary>
internal static class PersonNames
{
    private const char FirstLatin = '\u00C0';
    private const char FirstLatinMore = '\u1E00';
    private const char FirstWide = '\uFF01';
    private const char LastWide = '\uFF5E';

    // The letters of Latin scripts without their marks: a host that runs without ICU has no tables of its own.
    private const string Latin =
        "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.yaaaaaaccccccccdd..eeeeeeeeeegggggggg" +
        "hh..iiiiiiiii...jjkk.llllll....nnnnnn...oooooo..rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzzs........" +
        "........................oo.............uu............................aaiioouuuuuuuuuu.aaaa....ggkkoo" +
        "oo..j...gg..nnaa....aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............................";

    private const string LatinMore =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss" +
        "ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee" +
        "iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

    /// <summary>Whether the names differ in nothing but case, marks, spaces, width, and characters that nobody sees.</summary>
    public static bool AreTheSame(string left, string right) => Fold(left) == Fold(right);

    /// <summary>The name in compatibility form (NFKC), without case, marks, spaces and invisible characters.</summary>
    public static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var rune in Normalize(name).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
                    or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    break;
                default:
                    folded.Append(Rune.ToLowerInvariant(rune).ToString());
                    break;
            }
        }

        for (var place = 0; place < folded.Length; place++)
        {
            folded[place] = Base(folded[place]);
        }

        return folded.ToString();
    }

    private static string Normalize(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC);
        }
        catch (Exception failure) when (failure is ArgumentException or PlatformNotSupportedException)
        {
            // Half a character, or no tables: what is folded here is all that can be.
            return name;
        }
    }

    private static char Base(char letter) => letter switch
    {
        >= FirstWide and <= LastWide => char.ToLowerInvariant((char)(letter - FirstWide + '!')),
        >= FirstLatin when letter - FirstLatin < Latin.Length && Latin[letter - FirstLatin] is var plain and not '.' => plain,
        >= FirstLatinMore when letter - FirstLatinMore < LatinMore.Length && LatinMore[letter - FirstLatinMore] is var plain and not '.' => plain,
        _ => letter,
    };
}
