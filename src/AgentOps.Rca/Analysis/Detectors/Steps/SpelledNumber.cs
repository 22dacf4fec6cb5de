using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A number in a text, in figures or in the words of one of the languages that are read here.</summary>
/// <param name="Value">The number.</param>
/// <param name="Text">How it is written.</param>
/// <param name="Index">Where it begins.</param>
/// <param name="IsSpelled">Whether a word or a sign for a power of ten is part of it, so that it has to be understood and not only copied.</param>
internal sealed partial record SpelledNumber(double Value, string Text, int Index, bool IsSpelled)
{
    private const int MostText = 4_000;

    // Powers of ten mean other numbers in other languages: a German Billion is an English trillion.
    private static readonly Dictionary<string, Language> Languages = new(StringComparer.Ordinal)
    {
        ["en"] = new("the and for please with of to", "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty", "30 thirty 40 forty 50 fifty 60 sixty 70 seventy 80 eighty 90 ninety 100 hundred 1e3 thousand 1e6 million 1e9 billion 1e12 trillion", "and", "one"),
        ["de"] = new("der die das und bitte fur mit von auf den dem ein ich um an am im zum zur", "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig", "1 ein 1 eine 1 einen 1 einer 30 dreissig 40 vierzig 50 funfzig 60 sechzig 70 siebzig 80 achtzig 90 neunzig 100 hundert 1e3 tausend 1e6 million 1e6 millionen 1e6 mio 1e9 milliarde 1e9 milliarden 1e9 mrd 1e12 billion 1e12 billionen", "und", "ein eine einen einer eins"),
        ["fr"] = new("le la les des pour et du de une un au avec s je", "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize 17 18 19 vingt", "1 une 20 vingts 30 trente 40 quarante 50 cinquante 60 soixante 70 septante 80 huitante 80 octante 90 nonante 100 cent 100 cents 1e3 mille 1e6 million 1e6 millions 1e9 milliard 1e9 milliards 1e12 billion 1e12 billions", "et", "un une"),
        ["es"] = new("el la los las para por favor de y un una con en del que", "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte", "1 un 1 una 21 veintiuno 21 veintiun 22 veintidos 23 veintitres 24 veinticuatro 25 veinticinco 26 veintiseis 27 veintisiete 28 veintiocho 29 veintinueve 30 treinta 40 cuarenta 50 cincuenta 60 sesenta 70 setenta 80 ochenta 90 noventa 100 cien 100 ciento 200 doscientos 200 doscientas 300 trescientos 300 trescientas 400 cuatrocientos 400 cuatrocientas 500 quinientos 500 quinientas 600 seiscientos 600 seiscientas 700 setecientos 700 setecientas 800 ochocientos 800 ochocientas 900 novecientos 900 novecientas 1e3 mil 1e6 millon 1e6 millones 1e12 billon 1e12 billones", "y", "un una uno"),
        ["it"] = new("il la lo gli le per di e un una con del della che al", "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti", "1 un 1 una 20 vent 30 trenta 30 trent 40 quaranta 40 quarant 50 cinquanta 50 cinquant 60 sessanta 60 sessant 70 settanta 70 settant 80 ottanta 80 ottant 90 novanta 90 novant 100 cento 1e3 mille 1e3 mila 1e6 milione 1e6 milioni 1e9 miliardo 1e9 miliardi 1e12 bilione 1e12 bilioni", "e", "un una uno"),
        ["pt"] = new("o a os as para por favor de e um uma com do da que no na", "zero um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove vinte", "1 uma 2 duas 14 catorze 16 dezasseis 17 dezassete 19 dezanove 30 trinta 40 quarenta 50 cinquenta 60 sessenta 70 setenta 80 oitenta 90 noventa 100 cem 100 cento 200 duzentos 200 duzentas 300 trezentos 300 trezentas 400 quatrocentos 500 quinhentos 600 seiscentos 700 setecentos 800 oitocentos 900 novecentos 1e3 mil 1e6 milhao 1e6 milhoes 1e9 bilhao 1e9 bilhoes 1e12 trilhao 1e12 trilhoes", "e", "um uma"),
        ["nl"] = new("de het een en voor van met op om in graag ik dat", "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien twintig", "30 dertig 40 veertig 50 vijftig 60 zestig 70 zeventig 80 tachtig 90 negentig 100 honderd 1e3 duizend 1e6 miljoen 1e9 miljard 1e12 biljoen", "en", "een"),
    };

    private static readonly (char Sign, double Value)[] Kanji = [('一', 1), ('二', 2), ('三', 3), ('四', 4), ('五', 5), ('六', 6), ('七', 7), ('八', 8), ('九', 9), ('两', 2), ('兩', 2), ('十', 10), ('百', 100), ('千', 1_000), ('万', 1e4), ('萬', 1e4), ('億', 1e8), ('亿', 1e8)];

    /// <summary>The numbers in a text, in its order. A lone article is none.</summary>
    public static List<SpelledNumber> In(string text)
    {
        if (text.Length > MostText)
        {
            return [];
        }

        List<SpelledNumber> numbers = [.. Eastern().Matches(text).Select(OfSigns).OfType<SpelledNumber>()];
        var language = LanguageOf(text);
        var words = Word().Matches(text);
        for (var i = 0; i < words.Count; i++)
        {
            if (numbers.Exists(one => words[i].Index >= one.Index && words[i].Index < one.Index + one.Text.Length))
            {
                continue;
            }

            if (language.Read(text, words, i) is { } read)
            {
                var end = words[read.Last].Index + words[read.Last].Length;
                numbers.Add(new SpelledNumber(read.Value, text[words[i].Index..end], words[i].Index, read.IsSpelled));
                i = read.Last;
            }
        }

        return [.. numbers.OrderBy(static one => one.Index)];
    }

    /// <summary>Whether a word is one for a number in any of the languages, and no article.</summary>
    public static bool IsWord(string word) => PlainWords.Of(word).Trim() is { Length: > 2 } plain && Languages.Values.Any(language => language.IsNumber(plain) && !language.IsArticle(plain));

    // That of which the most small words stand in the text; English where none do.
    private static Language LanguageOf(string text)
    {
        var words = PlainWords.Split(PlainWords.Of(text));
        return Languages.Values.MaxBy(language => words.Count(language.IsCommon) + words.Count(language.IsNumber))!;
    }

    private static SpelledNumber? OfSigns(Match match)
    {
        var (total, part, current) = (0.0, 0.0, match.Groups["figures"] is { Success: true, Value: var figures } && Quantity.TryNumber(figures, out var number) ? number : 0);
        foreach (var sign in match.Groups["signs"].Value)
        {
            var value = Array.Find(Kanji, one => one.Sign == sign).Value;
            switch (value)
            {
                case < 10:
                    current = value;
                    break;
                case < 1e4:
                    (part, current) = (part + (Math.Max(current, 1) * value), 0);
                    break;
                default:
                    (total, part, current) = (total + (Math.Max(part + current, 1) * value), 0, 0);
                    break;
            }
        }

        return total + part + current is > 1 and var sum ? new SpelledNumber(sum, match.Value, match.Index, true) : null;
    }

    /// <summary>The words for numbers of one language.</summary>
    private sealed class Language
    {
        private readonly HashSet<string> _common;
        private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
        private readonly HashSet<string> _articles;
        private readonly string _and;

        /// <param name="common">Small words by which the language is known.</param>
        /// <param name="small">The words from 0 to 20.</param>
        /// <param name="others">Values and their words.</param>
        /// <param name="and">What stands between the parts of a number.</param>
        /// <param name="articles">Words for one that need not count anything.</param>
        public Language(string common, string small, string others, string and, string articles)
        {
            _common = [.. common.Split(' ')];
            (_and, _articles) = (and, [.. articles.Split(' ')]);
            foreach (var (word, index) in small.Split(' ').Select(static (word, index) => (word, index)))
            {
                _values[word] = index;
            }

            var pairs = others.Split(' ');
            for (var i = 0; i < pairs.Length; i += 2)
            {
                _values[pairs[i + 1]] = double.Parse(pairs[i], CultureInfo.InvariantCulture);
            }
        }

        public bool IsCommon(string word) => _common.Contains(word);

        public bool IsArticle(string word) => _articles.Contains(word);

        public bool IsNumber(string word) => word.Length > 2 && PartsOf(word) is not null;

        /// <summary>The number that begins with a word, and its last word; or null.</summary>
        public (double Value, int Last, bool IsSpelled)? Read(string text, MatchCollection words, int first)
        {
            var (value, last, isSpelled) = (0.0, first, true);
            if (char.IsAsciiDigit(words[first].Value[0]))
            {
                if (!Quantity.TryNumber(words[first].Value, out value))
                {
                    return null;
                }

                isSpelled = first + 1 < words.Count && IsNext(text, words, first) && PartsOf(words[first + 1].Value) is [>= 1_000 and var power];
                return isSpelled ? (value * PartsOf(words[first + 1].Value)![0], first + 1, true) : (value, first, false);
            }

            List<double> parts = [];
            for (var i = first; i < words.Count && (i == first || IsNext(text, words, i - 1)); i++)
            {
                if (PartsOf(words[i].Value) is { } more && !char.IsAsciiDigit(words[i].Value[0]) && Sum([.. parts, .. more]) is not null)
                {
                    parts.AddRange(more);
                    last = i;
                }
                else if (i == first || PlainWords.Of(words[i].Value).Trim() != _and)
                {
                    break;
                }
            }

            var isArticle = first == last && _articles.Contains(PlainWords.Of(words[first].Value).Trim());
            return parts.Count > 0 && !isArticle && Sum(parts) is { } sum ? (sum, last, true) : null;
        }

        private static bool IsNext(string text, MatchCollection words, int before) =>
            text[(words[before].Index + words[before].Length)..words[before + 1].Index] is " " or "-" or "‑" or "\u00a0" or ". ";

        // The values of a word that may be several in one: zweiundneunzig, novantadue.
        private List<double>? PartsOf(string word)
        {
            var plain = PlainWords.Of(word).Trim();
            return _values.TryGetValue(plain, out var value) ? [value] : plain.Length is > 6 and < 60 ? Split(plain) : null;
        }

        private List<double>? Split(string plain)
        {
            if (plain.Length == 0)
            {
                return [];
            }

            foreach (var word in _values.Keys.Where(word => plain.StartsWith(word, StringComparison.Ordinal)).OrderByDescending(static word => word.Length))
            {
                var rest = plain[word.Length..];
                if ((Split(rest) ?? (rest.StartsWith(_and, StringComparison.Ordinal) ? Split(rest[_and.Length..]) : null)) is { } parts)
                {
                    return [_values[word], .. parts];
                }
            }

            return null;
        }

        // Null where the parts make no one number: "two three".
        private static double? Sum(List<double> parts)
        {
            var (total, current, before) = (0.0, 0.0, 0.0);
            foreach (var part in parts)
            {
                if (part >= 1_000)
                {
                    if (total > 0 && total < part && current == 0)
                    {
                        return null;
                    }

                    (total, current) = (total + (Math.Max(current, 1) * part), 0);
                }
                else if (part == 100)
                {
                    if (current >= 10)
                    {
                        return null;
                    }

                    current = Math.Max(current, 1) * 100;
                }
                else if (part == 20 && before == 4 && current % 100 == 4)
                {
                    // Quatre-vingts.
                    current += 76;
                }
                else
                {
                    var (low, isTens) = (current % 100, part >= 20 && part % 10 == 0 && part < 100);
                    var fits = low == 0 || (part < 10 && low % 10 == 0) || (isTens && low is > 0 and < 10) || (part < 20 && low is 60 or 80);
                    if (!fits || (part > 100 && current > 0))
                    {
                        return null;
                    }

                    current += part;
                }

                before = part;
            }

            return total + current;
        }
    }

    [GeneratedRegex(@"(?<![A-Za-zÀ-ɏ\d.,:/])\d[\d.,]*(?<![.,])(?![\d:/-])|\p{L}+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    // 3万, 二百五十, 1億2000万 are written together; a single sign is part of a word more often than not.
    [GeneratedRegex(@"(?<figures>\d[\d.,]*)(?<signs>[万萬億亿千百]+)|(?<signs>[一二三四五六七八九两兩十百千]+[十百千万萬億亿][一二三四五六七八九十百千万萬億亿]*)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Eastern();
}
