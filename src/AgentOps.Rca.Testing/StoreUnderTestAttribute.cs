namespace AgentOps.Rca.Testing;

/// <summary>Names the store that a concrete suite tests, so that a store without a suite can be found.</summary>
/// <param name="storeType">The store's own type, public or internal.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StoreUnderTestAttribute(Type storeType) : Attribute
{
    /// <summary>The store's own type.</summary>
    public Type StoreType { get; } = storeType;
}
