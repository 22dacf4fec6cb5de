namespace AgentOps.Rca.Detection;

/// <summary>What became of an attempt to tell the webhook.</summary>
internal enum WebhookOutcome
{
    /// <summary>Nobody asked to be told.</summary>
    None,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>The receiver answered that it will not take it; asking again would not help.</summary>
    Refused,

    /// <summary>The receiver could not be reached, or asked for another time.</summary>
    Failed,
}

/// <summary>What became of an attempt to tell the webhook.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Status">The last status that the receiver answered with, or null.</param>
/// <param name="Problem">What went wrong, in a sentence without the address, which may hold a secret; or null.</param>
internal readonly record struct WebhookDelivery(WebhookOutcome Outcome, int? Status = null, string? Problem = null);
