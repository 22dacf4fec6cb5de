namespace AgentOps.Rca.AspNetCore.Problems;

/// <summary>The kinds of problem there are. The <paramref name="Slug"/> is part of the contract: clients tell problems apart by it.</summary>
internal sealed record ProblemKind(int Status, string Slug, string Title)
{
    public static readonly ProblemKind MalformedBody = new(400, "malformed-body", "The body cannot be read.");
    public static readonly ProblemKind InvalidParameter = new(400, "invalid-parameter", "A parameter is wrong.");
    public static readonly ProblemKind MalformedRequest = new(400, "malformed-request", "The request is not HTTP as it should be.");
    public static readonly ProblemKind Unauthorized = new(401, "unauthorized", "The API key is missing or wrong.");
    public static readonly ProblemKind Forbidden = new(403, "forbidden", "A rule of this host does not allow it.");
    public static readonly ProblemKind NotFound = new(404, "not-found", "There is no such record.");
    public static readonly ProblemKind MethodNotAllowed = new(405, "method-not-allowed", "This method does not exist here.");
    public static readonly ProblemKind Timeout = new(408, "request-timeout", "The request came in too slowly.");
    public static readonly ProblemKind Conflict = new(409, "conflict", "Another record is stored already.");
    public static readonly ProblemKind ContentUnavailable = new(410, "content-unavailable", "The content is missing or no longer what was stored.");
    public static readonly ProblemKind TooLarge = new(413, "too-large", "The body is too large.");
    public static readonly ProblemKind UnsupportedMediaType = new(415, "unsupported-media-type", "This kind of body is not taken.");
    public static readonly ProblemKind RangeNotSatisfiable = new(416, "range-not-satisfiable", "The range lies outside the content.");
    public static readonly ProblemKind Invalid = new(422, "invalid", "The body is well formed but wrong.");
    public static readonly ProblemKind DigestMismatch = new(422, "digest-mismatch", "The bytes do not have the digest that was announced.");
    public static readonly ProblemKind IdempotencyKeyReused = new(422, "idempotency-key-reused", "The Idempotency-Key was used with another body.");
    public static readonly ProblemKind TooManyRequests = new(429, "too-many-requests", "Too many requests.");
    public static readonly ProblemKind AnalysisFailed = new(500, "analysis-failed", "The analysis failed.");
    public static readonly ProblemKind NotSupported = new(501, "not-supported", "The store of this host cannot do this.");
    public static readonly ProblemKind StoreUnavailable = new(503, "store-unavailable", "A store cannot be reached at the moment.");
    public static readonly ProblemKind Busy = new(503, "busy", "The host has too little memory for it at the moment.");
    public static readonly ProblemKind InsufficientStorage = new(503, "insufficient-storage", "The host has too little room for more records.");
    public static readonly ProblemKind EngineUnavailable = new(503, "engine-unavailable", "The engine cannot work at the moment.");

    public string Type => $"urn:agentops-rca:problem:{Slug}";
}
