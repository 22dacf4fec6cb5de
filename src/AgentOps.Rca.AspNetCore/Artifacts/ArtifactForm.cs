using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Artifacts;

/// <summary>
/// A file that comes in a form, as browsers and <c>curl -F</c> send it. The artifact is the file, not the envelope around it: its digest
/// must be the one that others work out.
/// </summary>
internal static class ArtifactForm
{
    private const string Form = "multipart/form-data";

    /// <summary>Whether the body is an envelope of several parts.</summary>
    public static bool IsMultipart(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);

    public static async ValueTask<(ArtifactUpload? Upload, ApiProblem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (MediaTypes.RefuseEncoding(request) is { } encoded)
        {
            return (null, encoded);
        }

        if (!MediaTypeHeaderValue.Parse(request.ContentType).MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
        {
            return (null, ApiProblem.At(
                ProblemKind.UnsupportedMediaType, HeaderNames.ContentType, $"Of envelopes only {Form} is taken, with one file in it. Or send the raw bytes under their own type."));
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(
                new FormOptions { MultipartBodyLengthLimit = request.HttpContext.GetEndpoint()!.Metadata.GetRequiredMetadata<RequestLimits>().Artifact },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return (null, ApiProblem.At(ProblemKind.MalformedBody, "", $"The form cannot be read: {exception.Message}"));
        }

        if (form.Files is not [var file])
        {
            return (null, ApiProblem.At(
                ProblemKind.Invalid,
                "/file",
                string.Create(CultureInfo.InvariantCulture, $"There must be one file in the form, such as with curl -F file=@name; there are {form.Files.Count}.")));
        }

        var values = new QueryValues(request.Query);
        var fields = new QueryValues(new QueryCollection(form.ToDictionary(StringComparer.Ordinal)));
        var piiMasked = values.Flag("pii_masked") | fields.Flag("pii_masked");
        var mime = values.Text("mime", MediaTypeText.MaxLength) ?? fields.Text("mime", MediaTypeText.MaxLength) ?? file.ContentType;
        if (!string.IsNullOrEmpty(mime) && !MediaTypeText.IsValid(mime))
        {
            values.Fail("mime", "It must be a media type such as text/plain.");
        }

        var announced = request.Headers[ReprDigest.FieldName];
        if (announced.Count > 0)
        {
            values.Fail(ReprDigest.FieldName, "It is taken with raw bytes only, not with a form.");
        }

        return (values.Problem ?? fields.Problem) is { } problem
            ? (null, problem)
            : (new ArtifactUpload(file.OpenReadStream(), string.IsNullOrEmpty(mime) ? MediaTypeText.Unknown : mime, piiMasked, Expected: null), null);
    }
}
