using System.Reflection;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

/// <summary>Finds the stores that no suite tests, so that a new backend cannot forget one.</summary>
public static class StoreSuiteCoverage
{
    private static readonly (Type Contract, Type Suite)[] Suites =
    [
        (typeof(IIncidentStore), typeof(IncidentStoreSuite)),
        (typeof(ISpanStore), typeof(SpanStoreSuite)),
        (typeof(IArtifactStore), typeof(ArtifactStoreSuite)),
        (typeof(IArtifactContentStore), typeof(ArtifactContentStoreSuite)),
        (typeof(IArtifactContentRetention), typeof(ArtifactContentRetentionSuite)),
    ];

    /// <summary>Fails when a class of the product implements a store and no concrete suite of the tests names it.</summary>
    /// <param name="product">The assembly with the stores.</param>
    /// <param name="tests">The assembly with the suites.</param>
    /// <param name="belongsHere">Which of the stores these tests are for; null for all of them.</param>
    /// <param name="readOnly">Classes that take no writes and only show what another form holds; their own room tests them.</param>
    public static void AssertComplete(
        Assembly product, Assembly tests, Func<Type, bool>? belongsHere = null, params Type[] readOnly) =>
        Assert.Empty(FindMissing(product, tests, belongsHere, readOnly));

    /// <summary>The sentences that say which store lacks which suite.</summary>
    /// <param name="product">The assembly with the stores.</param>
    /// <param name="tests">The assembly with the suites.</param>
    /// <param name="belongsHere">Which of the stores these tests are for; null for all of them.</param>
    /// <param name="readOnly">Classes that take no writes and only show what another form holds.</param>
    public static IReadOnlyList<string> FindMissing(
        Assembly product, Assembly tests, Func<Type, bool>? belongsHere = null, params Type[] readOnly)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(tests);
        return
        [
            .. from store in product.GetTypes()
               where store is { IsClass: true, IsAbstract: false } && !readOnly.Contains(store) && belongsHere?.Invoke(store) != false
               from pair in Suites
               where pair.Contract.IsAssignableFrom(store) && !tests.GetTypes().Any(suite => Tests(suite, pair.Suite, store))
               select $"{store.FullName} is a {pair.Contract.Name} but no subclass of {pair.Suite.Name} is marked [StoreUnderTest(typeof({store.Name}))].",
        ];
    }

    private static bool Tests(Type candidate, Type suite, Type store) =>
        candidate is { IsClass: true, IsAbstract: false } && candidate.IsSubclassOf(suite)
        && candidate.GetCustomAttribute<StoreUnderTestAttribute>()?.StoreType == store;
}
