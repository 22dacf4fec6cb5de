using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// What is said when all is done: the user thanks, and the agent answers that with a few words. What the run came to stands before it.
/// </summary>
internal static partial class Farewells
{
    private const int MostOfUser = 120;
    private const int MostOfAgent = 200;

    /// <summary>The last words before those of a farewell.</summary>
    /// <param name="steps">The steps of the run, in their order.</param>
    /// <param name="last">The step with the last words.</param>
    public static ModelStep Before(IReadOnlyList<AgentStep> steps, ModelStep last)
    {
        while (Answered(steps, last) is { } earlier)
        {
            last = earlier;
        }

        return last;
    }

    // The words before it that no call of a tool followed, when all that the user said after them was a farewell.
    private static ModelStep? Answered(IReadOnlyList<AgentStep> steps, ModelStep last)
    {
        var said = string.Join('\n', last.Said.Select(static text => text.Text));
        var users = last.Input.Where(static message => message.Role == "user").SelectMany(static message => message.Texts).ToList();
        if (said.Length > MostOfAgent || said.Any(char.IsAsciiDigit) || users.Count == 0 || !users.TrueForAll(static text => text.Text.Length <= MostOfUser && Closes().IsMatch(text.Text) && !Asks().IsMatch(text.Text))
            || AnswerSigns.Of(said) == AnswerSign.Success)
        {
            return null;
        }

        for (var place = last.Number - 1; place >= 0; place--)
        {
            switch (steps[place])
            {
                case ToolStep:
                    return null;
                case ModelStep model when model.Run == last.Run:
                    return model.Asked.Count == 0 && model.Said.Any() ? model : null;
            }
        }

        return null;
    }

    [GeneratedRegex(@"\A\W*(?:ok(?:ay)?|great|perfect\w*|thanks?|thank you|thx|cheers|super|cool|nice|good|excellent|wonderful|awesome|lovely|brilliant|understood|got it|al?right|fine|that(?:['’]s| is) (?:all|great|fine|it|helpful)|bye|danke|vielen dank|prima|perfekt|toll|klasse|alles klar|verstanden|merci|parfait|d['’]accord|entendu|très bien|gracias|muchas gracias|perfecto|genial|vale|entendido|obrigad[oa]|muito obrigad[oa]|valeu|ótimo|perfeito|grazie|perfetto|ottimo|va bene|bedankt|dank|prima|goed|tack|takk|tak\b|kiitos|dzięk\w*|super|спасибо|хорошо|отлично|ありがとう\w*|了解\w*|わかりました|承知\w*|谢谢|多谢|好的|好|감사\w*|teşekkür\w*)(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Closes();

    // A farewell with which something else is asked for is none.
    [GeneratedRegex(@"[?？]|\b(?:please|could you|can you|would you|now|then|also|but|instead|wait|bitte|jetzt|noch|aber|s['’]il|maintenant|mais|por favor|ahora|pero|agora|mas|per favore|adesso|ma|graag|alstublieft|nu|maar|proszę|teraz|пожалуйста)\b|請|请|ください|下さい", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asks();
}
