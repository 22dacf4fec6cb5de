using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>
/// How sure the engine is of a finding about an agent's step, by the kind of its proof. The figures are fitted on the development part of the
/// recorded agents' runs and stay below the shares of right answers there; docs/results/trace-engine.md has them with n and the false alarms.
/// </summary>
internal static class ProofConfidence
{
    public static double Of(Proof proof) => proof switch
    {
        Proof.Certain => 0.9,
        Proof.Causal => 0.85,
        Proof.Provenance => 0.78,
        Proof.Failure => 0.75,
        Proof.Time => 0.72,
        _ => 0.35,
    };
}
