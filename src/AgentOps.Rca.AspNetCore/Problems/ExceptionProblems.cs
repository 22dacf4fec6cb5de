using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.Artifacts;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Problems;

/// <summary>The exceptions that are not bugs, as problems.</summary>
internal static class ExceptionProblems
{
    public static bool TryFind(Exception exception, [NotNullWhen(true)] out ApiProblem? problem)
    {
        problem = exception switch
        {
            StoreUnavailableException { IsPermanent: true } lacking => new ApiProblem(ProblemKind.NotSupported, lacking.Message),
            StoreUnavailableException unavailable => new ApiProblem(ProblemKind.StoreUnavailable, unavailable.Message)
            {
                RetryAfter = unavailable.RetryAfter,
            },
            OutOfMemoryException => new ApiProblem(ProblemKind.Busy, "The host has too little memory for this request at the moment; try again later.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            },
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                ApiProblem.At(ProblemKind.TooLarge, "", "The body has more bytes than this endpoint takes."),
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
                ApiProblem.At(ProblemKind.Timeout, "", "The body came in too slowly."),
            BadHttpRequestException { StatusCode: < 500 } bad => ApiProblem.At(ProblemKind.MalformedRequest, "", bad.Message),
            ArtifactDigestMismatchException mismatch => new ApiProblem(ProblemKind.ContentUnavailable, mismatch.Message),
            _ => null,
        };
        return problem is not null;
    }
}
