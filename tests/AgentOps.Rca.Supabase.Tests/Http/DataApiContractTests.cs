using AgentOps.Rca.AspNetCore.Tests.Analysis;
using AgentOps.Rca.AspNetCore.Tests.Approvals;
using AgentOps.Rca.AspNetCore.Tests.Artifacts;
using AgentOps.Rca.AspNetCore.Tests.Incidents;
using AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;
using AgentOps.Rca.AspNetCore.Tests.Patterns;
using AgentOps.Rca.AspNetCore.Tests.Reading;
using AgentOps.Rca.AspNetCore.Tests.Replay;
using AgentOps.Rca.AspNetCore.Tests.Spans;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

namespace AgentOps.Rca.Supabase.Tests.Http;

public sealed class DataApiAnalysisContractTests(DataApiBackend backend) : AnalysisContractTests<DataApiBackend>(backend);

public sealed class DataApiPatternsContractTests(DataApiBackend backend) : PatternsContractTests<DataApiBackend>(backend);

public sealed class DataApiApprovalsContractTests(DataApiBackend backend) : ApprovalsContractTests<DataApiBackend>(backend);

public sealed class DataApiArtifactsContractTests(DataApiBackend backend) : ArtifactsContractTests<DataApiBackend>(backend);

public sealed class DataApiIncidentsContractTests(DataApiBackend backend) : IncidentsContractTests<DataApiBackend>(backend);

public sealed class DataApiProofContractTests(DataApiBackend backend) : ProofContractTests<DataApiBackend>(backend);

public sealed class DataApiSpansContractTests(DataApiBackend backend) : SpansContractTests<DataApiBackend>(backend);

public sealed class DataApiOtlpContractTests(DataApiBackend backend) : OtlpContractTests<DataApiBackend>(backend);

public sealed class DataApiOverviewContractTests(DataApiBackend backend) : OverviewContractTests<DataApiBackend>(backend);

public sealed class DataApiEvidenceContractTests(DataApiBackend backend) : EvidenceContractTests<DataApiBackend>(backend);

public sealed class DataApiPostmortemContractTests(DataApiBackend backend) : PostmortemContractTests<DataApiBackend>(backend);

public sealed class DataApiStepsContractTests(DataApiBackend backend) : StepsContractTests<DataApiBackend>(backend);

public sealed class DataApiTimelineContractTests(DataApiBackend backend) : TimelineContractTests<DataApiBackend>(backend);

public sealed class DataApiSearchContractTests(DataApiBackend backend) : SearchContractTests<DataApiBackend>(backend);
