using AgentOps.Rca.AspNetCore.Tests.Analysis;
using AgentOps.Rca.AspNetCore.Tests.Approvals;
using AgentOps.Rca.AspNetCore.Tests.Artifacts;
using AgentOps.Rca.AspNetCore.Tests.Incidents;
using AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;
using AgentOps.Rca.AspNetCore.Tests.Patterns;
using AgentOps.Rca.AspNetCore.Tests.Reading;
using AgentOps.Rca.AspNetCore.Tests.Replay;
using AgentOps.Rca.AspNetCore.Tests.Spans;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Supabase.Tests.Http;

public sealed class PoolerAnalysisContractTests(PgBouncerBackend backend) : AnalysisContractTests<PgBouncerBackend>(backend);

public sealed class PoolerPatternsContractTests(PgBouncerBackend backend) : PatternsContractTests<PgBouncerBackend>(backend);

public sealed class PoolerApprovalsContractTests(PgBouncerBackend backend) : ApprovalsContractTests<PgBouncerBackend>(backend);

public sealed class PoolerArtifactsContractTests(PgBouncerBackend backend) : ArtifactsContractTests<PgBouncerBackend>(backend);

public sealed class PoolerIncidentsContractTests(PgBouncerBackend backend) : IncidentsContractTests<PgBouncerBackend>(backend);

public sealed class PoolerProofContractTests(PgBouncerBackend backend) : ProofContractTests<PgBouncerBackend>(backend);

public sealed class PoolerSpansContractTests(PgBouncerBackend backend) : SpansContractTests<PgBouncerBackend>(backend);

public sealed class PoolerOtlpContractTests(PgBouncerBackend backend) : OtlpContractTests<PgBouncerBackend>(backend);

public sealed class PoolerOverviewContractTests(PgBouncerBackend backend) : OverviewContractTests<PgBouncerBackend>(backend);

public sealed class PoolerEvidenceContractTests(PgBouncerBackend backend) : EvidenceContractTests<PgBouncerBackend>(backend);

public sealed class PoolerPostmortemContractTests(PgBouncerBackend backend) : PostmortemContractTests<PgBouncerBackend>(backend);

public sealed class PoolerStepsContractTests(PgBouncerBackend backend) : StepsContractTests<PgBouncerBackend>(backend);

public sealed class PoolerTimelineContractTests(PgBouncerBackend backend) : TimelineContractTests<PgBouncerBackend>(backend);

public sealed class PoolerSearchContractTests(PgBouncerBackend backend) : SearchContractTests<PgBouncerBackend>(backend);
