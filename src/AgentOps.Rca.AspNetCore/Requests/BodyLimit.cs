using Microsoft.AspNetCore.Http.Metadata;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>How many bytes the body of a request to this endpoint may have; the server enforces it.</summary>
internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
