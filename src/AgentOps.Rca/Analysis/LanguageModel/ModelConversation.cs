using AgentOps.Rca.Redaction;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Asks a model until its answer can be used: a shorter prompt once when it was too long, so many repairs, and a second pass when the model
/// wants to see whole steps that the first one cut.
/// </summary>
internal sealed class ModelConversation(
    IChatClient client, ModelPrompt prompt, Redactor redactor, LanguageModelOptions options, IProgress<RcaProgress>? progress)
{
    private const int MostEchoed = 2_000;
    private const int MostProblem = 300;

    private readonly ModelSpending _spending = new();

    public async ValueTask<ModelOutcome> AskAsync(PromptContent content, CancellationToken cancellationToken)
    {
        var first = await AskAsync(content, wanted: null, cancellationToken).ConfigureAwait(false);
        if (first.Answer?.More is not { Count: > 0 } more || !first.Shown.IsCut)
        {
            return first;
        }

        var wanted = more.OfType<string>().Where(id => content.Steps.Any(step => step.Id == id)).Distinct(StringComparer.Ordinal).Take(ModelAnswerReader.MostMore).ToList();
        if (wanted.Count == 0)
        {
            return first;
        }

        // What the first pass answered still stands when the second cannot be made.
        var second = await AskAsync(content, wanted, cancellationToken).ConfigureAwait(false);
        return second.Answer is null ? first : second;
    }

    private async ValueTask<ModelOutcome> AskAsync(PromptContent content, List<string>? wanted, CancellationToken cancellationToken)
    {
        var messages = prompt.Write(content, options.MaxPromptTokens, wanted, out var shown);
        if (shown.IsEmpty)
        {
            return new ModelOutcome(null, shown, "nothing of the case fits its prompt.", _spending);
        }

        var (repairs, shrunk) = (0, false);
        while (true)
        {
            progress?.Report(new RcaProgress(
                RcaStages.ModelCall,
                repairs > 0 ? $"The answer could not be used; asking once more ({repairs} of {options.MaxRepairs})."
                    : wanted is not null ? $"Asking a language model again, with the whole texts of {wanted.Count} steps."
                    : $"Asking a language model about {shown.Steps.Count} of {content.Steps.Count} steps and {shown.Evidence.Count} of {content.Evidence.Count} pieces of evidence."));
            try
            {
                var response = await client.GetResponseAsync(messages, Ask(), cancellationToken).ConfigureAwait(false);
                _spending.Add(response);
                var text = response.Text;
                if (ModelAnswerReader.Read(text, out var problem) is { } answer)
                {
                    return new ModelOutcome(answer, shown, null, _spending);
                }

                // It may name members of the answer, which may hold anything.
                problem = UntrustedText.Cut(redactor.Redact(UntrustedText.Clean(problem)), MostProblem);
                if (repairs++ == options.MaxRepairs)
                {
                    return new ModelOutcome(null, shown, $"the model's answer could not be used {repairs} times. {problem}", _spending);
                }

                messages.Add(new ChatMessage(ChatRole.Assistant, UntrustedText.Cut(redactor.Redact(UntrustedText.Clean(text)), MostEchoed)));
                messages.Add(ModelPrompt.Repair(problem));
            }
            catch (Exception exception) when (IsFailure(exception, cancellationToken))
            {
                var failure = ModelCallException.From(exception);
                _spending.Add(failure);
                var before = shown.Count;
                messages = prompt.Write(content, options.MaxPromptTokens * 2 / 3, wanted, out shown);
                if (!failure.IsRequestTooLarge || shrunk || shown.IsEmpty || (shown.Count == before && !shown.IsCut))
                {
                    return new ModelOutcome(null, shown, redactor.Redact(UntrustedText.Clean(failure.Message)), _spending);
                }

                shrunk = true;
            }
        }
    }

    // What the stores or the replay say is not the model's failure, and neither is the caller's own cancellation.
    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && exception is not (StoreUnavailableException or MissingRecordingException or InvalidDataException);

    private ChatOptions Ask() => new()
    {
        MaxOutputTokens = options.MaxAnswerTokens,
        Temperature = 0,
        ResponseFormat = ChatResponseFormat.ForJsonSchema(ModelPrompt.Schema, "root_cause"),
    };
}

/// <summary>What asking came to.</summary>
/// <param name="Answer">The answer, or null.</param>
/// <param name="Shown">What the model was shown.</param>
/// <param name="Reason">Why there is no answer, in a sentence; null when there is one.</param>
/// <param name="Spending">What the calls used.</param>
internal sealed record ModelOutcome(ModelAnswer? Answer, PromptContent Shown, string? Reason, ModelSpending Spending);
