using System.Text.Json.Serialization;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Claims;
using AgentOps.Rca.Evals.Nezha;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Evals.Tau;
using AgentOps.Rca.Evals.WhoAndWhen;

namespace AgentOps.Rca.Evals;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(List<NezhaFault>))]
[JsonSerializable(typeof(FailedRun))]
[JsonSerializable(typeof(List<AgentRun>))]
[JsonSerializable(typeof(RecordedRequest))]
[JsonSerializable(typeof(TauRun))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(List<LabelledRun>))]
[JsonSerializable(typeof(List<Row>))]
[JsonSerializable(typeof(string))]
internal sealed partial class EvalsJsonContext : JsonSerializerContext;
