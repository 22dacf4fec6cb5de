namespace AgentOps.Rca.Storage.Faults;

/// <summary>What a failure of a store's backend means for repeating the call.</summary>
internal enum StoreFault
{
    /// <summary>The same call would fail again: repeating it is no use.</summary>
    Permanent,

    /// <summary>It will pass, and the call has certainly changed nothing: any call may be repeated.</summary>
    NotDone,

    /// <summary>It will pass, but the call may have been carried out: only a call that may happen twice may be repeated.</summary>
    Unknown,
}
