using System.Collections.Frozen;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>The stem of an English word, coarse enough that "refused", "refuses" and "refusal" are one.</summary>
internal static class EnglishStem
{
    private const int LeastStem = 3;

    private static readonly string[] Suffixes =
    [
        "izations", "isations", "ization", "isation", "ations", "itions", "ation", "ition", "ments", "ingly", "edly", "ment", "ness", "ings", "ions",
        "ances", "ences", "ance", "ence", "able", "ible", "ity", "ive", "ing", "ied", "ies", "ion", "als", "est", "ors", "ers", "al", "ed", "er", "or", "es", "ly", "ts", "s",
    ];

    private static readonly FrozenDictionary<string, string> Irregular = (
        "began:begin begun:begin took:take taken:take ran:run sent:send got:get gotten:get made:make came:come gave:give given:give said:say found:find lost:lose held:hold "
        + "kept:keep left:leave went:go gone:go broke:break broken:break told:tell wrote:write written:write met:meet spent:spend fell:fall fallen:fall rose:rise risen:rise "
        + "grew:grow grown:grow knew:know known:know led:lead built:build brought:bring thought:think caught:catch sought:seek sold:sell paid:pay meant:mean stood:stand "
        + "understood:understand won:win drew:draw drawn:draw drove:drive driven:drive chose:choose chosen:choose threw:throw thrown:throw hid:hide hidden:hide bore:bear "
        + "did:do done:do does:do has:have had:have was:be were:be is:be are:be been:be am:be being:be shown:show seen:see saw:see bound:bind dealt:deal felt:feel lay:lie lain:lie "
        + "laid:lay lied:lie slept:sleep swollen:swell swelled:swell bought:buy forgot:forget forgotten:forget spoke:speak spoken:speak stuck:stick struck:strike hung:hang rang:ring rung:ring "
        + "stopped:stop dropped:drop timed:time data:data does:do goes:go indices:index taught:teach overran:overrun overrun:overrun withheld:withhold reread:read misread:read overwrote:overwrite "
        + "overwritten:overwrite caller:caller callers:caller exception:exception exceptions:exception latest:latest final:final finally:finally fine:fine sat:sit hit:hit cut:cut shut:shut split:split cost:cost put:put read:read shot:shoot bit:bite swore:swear wore:wear tore:tear froze:freeze frozen:freeze stole:steal stolen:steal arose:arise arisen:arise replied:reply replies:reply tried:try tries:try its:it their:they this:this his:he as:as us:us news:news process:process access:access "
        + "address:address success:success status:status less:less miss:miss pass:pass class:class across:across always:always used:use using:use uses:use user:user users:user server:server "
        + "order:order orders:order number:number numbers:number error:error errors:error other:other others:other after:after before:before later:later never:never ever:ever every:every "
        + "under:under over:over rather:rather either:either neither:neither whether:whether however:however answer:answer answers:answer customer:customer customers:customer "
        + "parameter:parameter parameters:parameter identifier:id identifiers:id ids:id string:string strings:string thing:thing nothing:nothing anything:anything something:something everything:everything "
        + "during:during string's:string only:only early:early reply:reply supply:supply apply:apply limited:limit timeout:timeout timeouts:timeout letter:letter better:better matter:matter "
        + "response:respond responses:respond decision:decide decisions:decide denial:deny denied:deny denies:deny refusal:refuse expiry:expire expiration:expire failure:fail failures:fail "
        + "arrival:arrive arrived:arrive need:need needed:need needs:need exceed:exceed proceed:proceed proceeded:proceed feed:feed feeds:feed speed:speed red:red hundred:hundred issue:issue "
        + "length:long lengthy:long width:wide depth:deep height:high slowness:slow choice:choose loss:lose growth:grow sight:see thrown:throw proof:prove belief:believe receipt:receive receipts:receive")
        .Split(' ').Select(pair => pair.Split(':')).DistinctBy(pair => pair[0]).ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    public static string Of(string word)
    {
        var lower = word.ToLowerInvariant().Replace('’', '\'');
        if (lower.EndsWith("'s", StringComparison.Ordinal))
        {
            lower = lower[..^2];
        }

        if (Irregular.TryGetValue(lower, out var known))
        {
            return Irregular.TryGetValue(known, out _) ? known : Cut(known);
        }

        return Cut(lower);
    }

    private static string Cut(string word)
    {
        foreach (var suffix in Suffixes)
        {
            if (word.Length - suffix.Length >= LeastStem && word.EndsWith(suffix, StringComparison.Ordinal) && !(suffix == "s" && word.EndsWith("ss", StringComparison.Ordinal)))
            {
                var rest = word[..^suffix.Length];
                if (suffix is "ied" or "ies")
                {
                    return rest + "i";
                }

                return Finish(rest.Length > LeastStem && rest[^1] == rest[^2] && rest[^1] is not ('l' or 's' or 'z' or 'e' or 'o') ? rest[..^1] : rest);
            }
        }

        return Finish(word);
    }

    private static string Finish(string stem) => stem.Length > LeastStem && stem[^1] == 'e' ? stem[..^1]
        : stem.Length > LeastStem && stem[^1] == 'y' ? stem[..^1] + "i" : stem;
}
