namespace AgentOps.Rca.Package.Tests;

/// <summary>The classes that take the packed packages: they are packed once for all of them.</summary>
[CollectionDefinition]
public sealed class PackedOnce : ICollectionFixture<PackedPackages>;
