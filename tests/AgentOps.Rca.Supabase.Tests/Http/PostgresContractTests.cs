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

public sealed class PostgresAnalysisContractTests(PostgresBackend backend) : AnalysisContractTests<PostgresBackend>(backend);

public sealed class PostgresPatternsContractTests(PostgresBackend backend) : PatternsContractTests<PostgresBackend>(backend);

public sealed class PostgresApprovalsContractTests(PostgresBackend backend) : ApprovalsContractTests<PostgresBackend>(backend);

public sealed class PostgresArtifactsContractTests(PostgresBackend backend) : ArtifactsContractTests<PostgresBackend>(backend);

public sealed class PostgresIncidentsContractTests(PostgresBackend backend) : IncidentsContractTests<PostgresBackend>(backend);

public sealed class PostgresProofContractTests(PostgresBackend backend) : ProofContractTests<PostgresBackend>(backend);

public sealed class PostgresSpansContractTests(PostgresBackend backend) : SpansContractTests<PostgresBackend>(backend);

public sealed class PostgresOtlpContractTests(PostgresBackend backend) : OtlpContractTests<PostgresBackend>(backend);

public sealed class PostgresOverviewContractTests(PostgresBackend backend) : OverviewContractTests<PostgresBackend>(backend);

public sealed class PostgresEvidenceContractTests(PostgresBackend backend) : EvidenceContractTests<PostgresBackend>(backend);

public sealed class PostgresPostmortemContractTests(PostgresBackend backend) : PostmortemContractTests<PostgresBackend>(backend);

public sealed class PostgresStepsContractTests(PostgresBackend backend) : StepsContractTests<PostgresBackend>(backend);

public sealed class PostgresTimelineContractTests(PostgresBackend backend) : TimelineContractTests<PostgresBackend>(backend);

public sealed class PostgresSearchContractTests(PostgresBackend backend) : SearchContractTests<PostgresBackend>(backend);
