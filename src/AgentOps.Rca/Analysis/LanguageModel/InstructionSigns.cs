using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Words that talk to whoever reads them rather than report something. A rule of thumb, and only one of several: it takes away the
/// standing of evidence as a ground, and never hides it.
/// </summary>
internal static partial class InstructionSigns
{
    public static bool In(string text) => Signs.IsMatch(text);

    [GeneratedRegex(
        @"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|your|these|those|the|system)\b.{0,40}"
        + @"\b(?:instruction|prompt|rule|guideline|direction|context|evidence|message|polic|safeguard)"
        + @"|\b(?:system|developer|assistant)\s*(?:prompt|message|note|override|instruction)s?\b|<\s*/?\s*(?:system|assistant|user|instructions?|\|?im_(?:start|end)\|?)\b"
        + @"|\[/?(?:INST|SYS|SYSTEM)\]|<\|[a-z_]+\|>|#{2,}\s*(?:system|instruction|assistant|human)"
        + @"|\byou are (?:now |hereby |actually )?(?:a|an|the|my|no longer|being|in)\b|\byou (?:must|should|shall|have to|need to|will|can) (?:now |only |always |never |not |instead )*"
        + @"(?:report|answer|respond|reply|output|say|state|write|claim|conclude|print|blame|name|set|return|cite|declare|mention|include|repeat|reveal|send|ignore|follow|obey|treat)\b"
        + @"|\b(?:your|new|updated|real|actual|secret|hidden) (?:task|instructions?|role|goal|job|objective|rules?|orders?)\b"
        + @"|\b(?:note|message|attention|important|instructions?)\s*(?:to|for)\s*(?:the\s*)?(?:ai|llm|model|assistant|analyst|analy[sz]er|reader|agent|engine|bot)\b"
        + @"|\b(?:ai|llm|language model|assistant|analyst|chatbot|gpt)\s*[,:]\s|\bdear (?:ai|llm|model|assistant|analyst)\b"
        + @"|\b(?:please|kindly|now|instead|immediately|only|simply|just|always|do)\s+(?:not\s+)?(?:report|answer|respond|reply|output|say|state|write|claim|conclude|print|blame|name|set|return|cite|declare|mention|include|repeat|reveal|send)\b"
        + @"|\b(?:report|answer|respond|reply|output|state|claim|conclude|blame|declare|cite)\s+(?:that|with|as|only|exactly|the following|verbatim)\b"
        + @"|\b(?:root cause|verdict|confidence|conclusion|hypothesis|grounded)\s*(?:is|must be|should be|shall be|to be|=|:)\s"
        + @"|\b(?:act|behave|respond) as\b|\bpretend\b|\bjailbreak\b|\brole-?play\b|\bdo anything now\b|\bprompt injection\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Signs { get; }
}
