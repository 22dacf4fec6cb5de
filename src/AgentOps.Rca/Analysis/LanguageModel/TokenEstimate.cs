using System.Text;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Tokens without a tokenizer: bytes of UTF-8 divided by three, rounded up. English prose has about four bytes a token and JSON about
/// three, so the estimate errs to the safe side.
/// </summary>
internal static class TokenEstimate
{
    private const int BytesPerToken = 3;
    private const int TokensPerMessage = 8;

    public static int Of(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    public static int Of(IEnumerable<ChatMessage> messages) => messages.Sum(message => Of(message.Text) + TokensPerMessage);
}
