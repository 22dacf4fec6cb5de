using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>Answers in the API's own JSON.</summary>
internal static class JsonAnswer
{
    public static JsonHttpResult<T> Ok<T>(T value, JsonTypeInfo<T> type) => TypedResults.Json(value, type, MediaTypes.Json, StatusCodes.Status200OK);

    public static JsonHttpResult<T> Created<T>(HttpContext context, string path, T value, JsonTypeInfo<T> type)
    {
        context.Response.Headers.Location = path;
        return TypedResults.Json(value, type, MediaTypes.Json, StatusCodes.Status201Created);
    }
}
