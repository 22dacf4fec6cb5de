using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>What the model calls of an analysis used and cost; unknown as soon as it is unknown for one of them.</summary>
internal sealed class ModelSpending
{
    private long? _input = 0;
    private long? _output = 0;
    private long? _cached = 0;
    private double? _cost = 0;
    private int _calls;

    /// <summary>The model that answered last, or null.</summary>
    public string? Model { get; private set; }

    public RcaUsage? Usage => _calls > 0 && _input is { } input && _output is { } output ? new RcaUsage(input, output, _cached, _calls) : null;

    public double? CostUsd => _calls > 0 ? _cost : null;

    public void Add(ChatResponse response)
    {
        _calls++;
        Model = response.ModelId ?? Model;
        _input += response.Usage?.InputTokenCount;
        _output += response.Usage?.OutputTokenCount;
        _cached += response.Usage?.CachedInputTokenCount;
        _cost += ModelCosts.Get(response);
    }

    /// <summary>A call that failed may have used tokens nobody counted, unless it was never sent.</summary>
    public void Add(ModelCallException failure)
    {
        if (!failure.NothingWasSent)
        {
            _calls++;
            (_input, _output, _cached, _cost) = (null, null, null, null);
        }
    }
}
