using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.AspNetCore.Requests;

namespace AgentOps.Rca.AspNetCore;

/// <summary>
/// The settings of the HTTP API, from the section <c>AgentOpsRca:Http</c> and <c>services.Configure&lt;AgentOpsRcaHttpOptions&gt;(…)</c>, which wins.
/// None of them must be set. The key that callers send is <see cref="AgentOpsRcaOptions.ApiKey"/>.
/// </summary>
public sealed class AgentOpsRcaHttpOptions
{
    /// <summary>
    /// Whether callers must send the API key. Null, the default, decides by itself: yes when a key is set; and outside development also
    /// when none is set, with a key that is made and logged once, for each endpoint that no authorization policy of the host protects. Users whom
    /// a policy of the host has let through need no key. True asks everybody for one, false nobody.
    /// </summary>
    public bool? RequireApiKey { get; set; }

    /// <summary>
    /// The claim that names the users of the host's own authentication: they sign what they do with it. Null, the default, takes the name of the identity,
    /// else <c>preferred_username</c> or <c>sub</c>.
    /// </summary>
    public string? ActorClaim { get; set; }

    /// <summary>
    /// How many requests of one kind of heavy work (analyses, replays, exports, verifications, imports) are worked on at once; null, the default, is one for
    /// each processor and at least two. The others wait, and what is beyond <see cref="MaxWorkWaiting"/> is answered with 429 and <c>Retry-After</c>.
    /// </summary>
    [Range(1, 10_000)]
    public int? MaxWorkAtOnce { get; set; }

    /// <summary>How many requests of one kind of heavy work wait at most: 128.</summary>
    [Range(0, 1_000_000)]
    public int MaxWorkWaiting { get; set; } = 128;

    /// <summary>
    /// How many of them may be one caller's: a key's, a user's, or a network address's where nobody in particular is known. Null, the default, is three quarters.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? MaxWorkWaitingPerCaller { get; set; }

    /// <summary>
    /// How many requests that bring records (spans, incidents, artifacts, OTLP) are worked on at once. Null, the default, is one for each 8 MiB of memory that the process may
    /// have, from 32 to 512; 0 is no limit. Four times as many wait, and of both one caller has at most three quarters; what is beyond is 429 with <c>Retry-After</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? MaxIntakeAtOnce { get; set; }

    /// <summary>How many requests that read are worked on at once, in the same way.</summary>
    [Range(0, 1_000_000)]
    public int? MaxReadsAtOnce { get; set; }

    /// <summary>
    /// How many bytes of memory JSON bodies, OTLP and pages of listings may take together, each counted with what is made of it. Null, the default, is an eighth of the memory that the
    /// process may have, and never less than the largest body needs; 0 is no limit. What is beyond is 503 with <c>Retry-After</c>; small bodies are always taken.
    /// </summary>
    [Range(0.0, long.MaxValue)]
    public long? MaxBytesInFlight { get; set; }

    /// <summary>
    /// How many bytes of the disk records and content may take, each tenant's by themselves; null, the default, is no limit. Beyond it requests that bring records are
    /// 503 with <c>Retry-After</c>, and reading, analyses and decisions go on. What is under way comes on top. SQLite, PostgreSQL and files can tell; a Data API and a bucket cannot.
    /// </summary>
    [Range(1.0, long.MaxValue)]
    public long? MaxStoredBytes { get; set; }

    /// <summary>
    /// How many bytes stay free on a disk of this machine on which records or content lie: 64 MiB, so that analyses and decisions still find room. Where less is left, requests that bring records
    /// are 503 with <c>Retry-After</c>; 0 lets them fill it.
    /// </summary>
    [Range(0.0, long.MaxValue)]
    public long MinFreeDiskBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many bytes a JSON body may have, an artifact in base64 included: 16 MiB.</summary>
    [Range(1_024, int.MaxValue)]
    public long MaxJsonBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many bytes a body of spans may have: 512 MiB. It is read as a stream.</summary>
    [Range(1_024.0, long.MaxValue)]
    public long MaxSpansBodyBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>How many bytes one span may have: 4 MiB. It bounds the memory that a body of spans takes.</summary>
    [Range(1_024, 256 * 1_024 * 1_024)]
    public int MaxSpanBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many bytes an artifact sent as raw bytes may have: 5 GiB. It is read as a stream.</summary>
    [Range(1.0, long.MaxValue)]
    public long MaxArtifactBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>How many bytes a bundle sent for verification may have: 1 GiB.</summary>
    [Range(1_024.0, long.MaxValue)]
    public long MaxBundleBytes { get; set; } = 1024 * 1024 * 1024;

    /// <summary>How many bytes a trace file may have, packed and unpacked: 1 GiB. It is kept in a temporary file while it is read.</summary>
    [Range(1_024.0, long.MaxValue)]
    public long MaxImportBytes { get; set; } = 1024 * 1024 * 1024;

    /// <summary>Whether OpenTelemetry exporters are served at <c>/v1/traces</c>, <c>/v1/logs</c> and <c>/v1/metrics</c>: yes.</summary>
    public bool MapOtlp { get; set; } = true;

    /// <summary>How many bytes a body of OTLP may have, packed and unpacked: 64 MiB. One such body is in memory for each request.</summary>
    [Range(1_024, 1_024 * 1_024 * 1_024)]
    public int MaxOtlpBodyBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes the bodies of all OTLP requests that are being taken may have together, unpacked: 256 MiB, and never less than one
    /// body may have. A request beyond it is answered with 503 and <c>Retry-After</c>, and its exporter sends it again.
    /// </summary>
    public long MaxOtlpBytesInFlight { get; set; } = 256 * 1024 * 1024;

    /// <summary>
    /// Whether the endpoints are part of API descriptions that the host generates (<c>AddOpenApi()</c>, Swashbuckle): no. Such a
    /// description tells of their paths and answers, and not of their bodies and parameters; <c>/openapi/v1.json</c> tells of all.
    /// </summary>
    public bool DescribeInHost { get; set; }

    /// <summary>
    /// Whether secrets and personal data are masked in previews of artifacts, those of replays included: yes. Contents, spans and bundles are always the originals.
    /// </summary>
    public bool MaskPreviews { get; set; } = true;

    internal RequestLimits Limits => new(MaxJsonBodyBytes, MaxSpansBodyBytes, MaxSpanBytes, MaxArtifactBytes, MaxBundleBytes, MaxOtlpBodyBytes, MaxOtlpBytesInFlight, MaxImportBytes);

    internal static long AvailableMemory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    internal long? MemoryInFlight => MaxBytesInFlight switch
    {
        0 => null,
        { } set => Math.Max(set, MaxJsonBodyBytes * JsonBody.TimesInMemory),
        null => Math.Max(AvailableMemory / 8, MaxJsonBodyBytes * JsonBody.TimesInMemory),
    };
}
