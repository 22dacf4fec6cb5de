using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What a user had said before a call, in the conversation in which the call was made: what an agent says to another one is no user's word.</summary>
internal static partial class UserTurns
{
    public static IEnumerable<Passage> Before(AgentRun run, ToolStep call) => run.Models
        .Where(model => call.Asker is { } asker ? model.Number <= asker.Number && Conversations.AreSame(run, model, asker) : model.Number < call.Number)
        .SelectMany(static model => model.Input).Where(static message => message.Role == "user").SelectMany(static message => message.Texts).Distinct();

    /// <summary>All that users said in a run, each text once.</summary>
    public static IEnumerable<string> Texts(AgentRun run) => run.Models
        .SelectMany(static model => model.Input).Where(static message => message.Role == "user").SelectMany(static message => message.Texts).Select(static text => text.Text).Distinct(StringComparer.Ordinal);

    /// <summary>Whether a sentence tells what was or what somebody does, and asks for nothing.</summary>
    public static bool IsTold(string sentence) => Past().IsMatch(sentence) || (Telling().IsMatch(sentence) && !Wanting().IsMatch(sentence));

    // What was then is told, and not asked for.
    [GeneratedRegex(@"\b(?:had|was|were|went|did|happened|started|arrived|left|came|ate|ended|finished|called|met|broke|failed|hatte\w*|war\w*|ging\w*|kam\w*|habe|était|étaient|j['’]ai|tuve|fue|era|estaba|llegó|ho|sono stat[oa]|tive|foi|estava|was|waren|ging|kwam)\b|でした|ました", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Past();

    [GeneratedRegex(@"\b(?:I|we|he|she|they|ich|wir|je|nous|yo|nosotros|io|noi|eu|nós|ik|wij)\s(?:am|are|have|fly|go|leave|arrive|meet|work|will be|travel|habe|haben|bin|sind|fliege|gehe|treffe\w*|suis|sommes|pars|avons|ai|tengo|estoy|voy|viajo|sono|parto|estou|tenho|viajo|ben|heb|ga)\b|\b(?:habe|bin|fliege) ich\b|\bj['’]ai\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Telling();

    [GeneratedRegex(@"\b(?:want|need|would like|have to|möchte|brauche|will|voudrais|veux|dois|quiero|necesito|vorrei|voglio|quero|preciso|wil|moet|please|bitte|por favor)\b|['’]d like", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wanting();
}
