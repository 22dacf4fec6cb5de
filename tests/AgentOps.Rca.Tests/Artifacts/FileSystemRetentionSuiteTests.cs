using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Artifacts;

[StoreUnderTest(typeof(FileSystemArtifactContentStore))]
public sealed class FileSystemRetentionSuiteTests(FileSystemBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<FileSystemBackend>;
