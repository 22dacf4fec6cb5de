namespace AgentOps.Rca.Importing.Steps;

/// <summary>
/// An answer of a model that a file tells piece by piece, among which results of its tools may stand already. What comes in between waits until the
/// answer is whole, so that a call is told once and its results go to the call after it.
/// </summary>
/// <param name="conversation">Where it goes.</param>
internal sealed class OpenTurn(Conversation conversation)
{
    private const int MostPieces = 4_096;

    private readonly List<string> _pieces = [];
    private readonly List<ToolAsk> _calls = [];
    private readonly List<(string Id, ToolAnswer Answer, FilePlace Place)> _early = [];
    private readonly List<(string Message, bool IsRequest, ulong? Time, FilePlace Place)> _after = [];
    private bool _hasText;
    private long _length;

    /// <summary>The call, as far as it is known; null when none is open.</summary>
    public ModelTurn? Turn { get; set; }

    /// <summary>Whether so much waits that it must not be more.</summary>
    public bool IsFull => _pieces.Count >= MostPieces || _after.Count >= MostPieces || _length > ImportLimits.PendingLength / 4;

    /// <summary>A piece of the answer, as JSON; one that was told before is not told again.</summary>
    public bool Add(string piece, bool isText)
    {
        if (_pieces.Contains(piece))
        {
            return false;
        }

        _pieces.Add(piece);
        _length += piece.Length;
        _hasText |= isText;
        return true;
    }

    public void Ask(ToolAsk call) => _calls.Add(call);

    /// <summary>A result of a tool, of this answer or of one before.</summary>
    public async ValueTask AnswerAsync(string id, ToolAnswer answer, FilePlace place, CancellationToken cancellationToken)
    {
        if (_calls.Exists(call => call.Id == id))
        {
            _length += answer.Content?.Length ?? 0;
            _early.Add((id, answer, place));
        }
        else
        {
            await conversation.AnswerAsync(id, answer, place, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A message for the call after this one.</summary>
    public void Give(string message, bool isRequest, ulong? time, FilePlace place)
    {
        if (Turn is null)
        {
            conversation.Give(message, isRequest, time, place);
        }
        else
        {
            _length += message.Length;
            _after.Add((message, isRequest, time, place));
        }
    }

    /// <summary>Ends the answer.</summary>
    /// <param name="before">What stands before its pieces, to make a message of them.</param>
    /// <param name="after">What stands behind them.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async ValueTask FlushAsync(string before, string after, CancellationToken cancellationToken)
    {
        if (Turn is not { } turn)
        {
            return;
        }

        ToolAsk[] calls = [.. _calls];
        var message = _pieces.Count == 0 ? null : before + string.Join(',', _pieces) + after;
        await conversation.SayAsync(turn with { Message = message, IsAnswer = calls.Length == 0 && _hasText }, cancellationToken).ConfigureAwait(false);
        (Turn, _hasText, _length) = (null, false, 0);
        _pieces.Clear();
        _calls.Clear();
        foreach (var call in calls)
        {
            await conversation.AskAsync(call, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (id, answer, place) in _early)
        {
            await conversation.AnswerAsync(id, answer, place, cancellationToken).ConfigureAwait(false);
        }

        _early.Clear();
        foreach (var (given, isRequest, time, place) in _after)
        {
            conversation.Give(given, isRequest, time, place);
        }

        _after.Clear();
    }
}
