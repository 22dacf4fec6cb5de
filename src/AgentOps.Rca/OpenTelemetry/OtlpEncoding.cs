namespace AgentOps.Rca.OpenTelemetry;

/// <summary>The two forms of OTLP over HTTP.</summary>
internal enum OtlpEncoding
{
    /// <summary><c>application/x-protobuf</c>.</summary>
    Protobuf,

    /// <summary><c>application/json</c>: ids in hexadecimal, 64-bit numbers as text.</summary>
    Json,
}
