using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Testing;
using CsCheck;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>
/// What is generated without HTTP, of which very much can be tried. A case is one generated call that is sent by one way: JSON, a line of
/// JSON, OTLP in JSON and in protobuf, a log record, an activity, wrapped calls of a function and of a model, and an object given to the store. Up to 24
/// calls, each by all the ways, belong to one generated incident, which then goes through analysis (one in eight also through that of a
/// model), figures, replay, export, check, import into another store, and replay and figures there. Twenty seconds; a million cases with
/// AGENTOPS_FULL=1. After a fault it goes on until there are five kinds of them, and tells the smallest incident that has each.
/// </summary>
/// <remarks>
/// AGENTOPS_CASES and AGENTOPS_CASES_SECONDS say how many and for how long, whichever comes first; AGENTOPS_CASES_SEED is the seed that a
/// run printed, and AGENTOPS_CASES_FROM the number of its first incident.
/// </remarks>
public sealed class ManyCasesTests : IDisposable
{
    private const int IncidentsOfOneHouse = 32;
    private const int HousesOfOneSqlite = 8;
    private const int MostFaults = 5;

    private readonly SharedSigningKey _key = new();

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task What_is_taken_without_http_makes_no_later_step_fail_either()
    {
        var seed = ulong.TryParse(Setting("SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : (ulong)Random.Shared.NextInt64();
        var from = (int)Number("FROM", 1);
        var cases = Number("", Trial.Size(int.MaxValue, 1_000_000));
        var seconds = Number("SECONDS", Trial.Size(20, 14_400));
        TestContext.Current.TestOutputHelper?.WriteLine($"AGENTOPS_CASES_SEED={seed}");
        var clock = Stopwatch.StartNew();
        var number = from;
        var (sent, taken) = (0L, 0L);
        Dictionary<string, string> faults = [];
        while (sent < cases && faults.Count < MostFaults && clock.Elapsed.TotalSeconds < seconds)
        {
            var isSqlite = (number - from) / IncidentsOfOneHouse % HousesOfOneSqlite == 0;
            await using var house = await EmbeddedHouse.StartAsync(_key, isSqlite);
            for (var end = number + IncidentsOfOneHouse; number < end && sent < cases && clock.Elapsed.TotalSeconds < seconds;)
            {
                var one = Make(seed, number++);
                try
                {
                    taken += await house.RunAsync(one, number - 1);
                    sent += one.Spans.Length * EmbeddedWays.Count;
                }
                catch (Exception fault)
                {
                    var (kind, told) = await TellAsync(one, number - 1, seed, isSqlite, fault);
                    faults.TryAdd(kind, told);
                    break;
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults.Values));
        Trial.Report("Generated cases without HTTP", $"{sent} cases with seed {seed}: calls of {number - from} incidents by {EmbeddedWays.Count} ways, {taken} of them taken, and nothing failed later");
        Assert.True(taken > number - from);
    }

    private static GeneratedCase Make(ulong seed, int number) => GeneratedCase.Large.Generate(new PCG((uint)number, seed), null, out _);

    // What kind of fault it is, and the smallest case that still has it, alone in a house of its own.
    private async Task<(string Kind, string Told)> TellAsync(GeneratedCase one, int number, ulong seed, bool isSqlite, Exception fault)
    {
        var where = $"AGENTOPS_CASES_SEED={seed} AGENTOPS_CASES_FROM={number} AGENTOPS_CASES=1";
        if (await FaultOfAsync(one, number, isSqlite) is not { } alone)
        {
            return ("together", $"Case {number} fails only after some of the {IncidentsOfOneHouse} before it. {where}\n{one}\n{fault}");
        }

        while (await SmallerAsync(one, number, isSqlite) is { } smaller)
        {
            (one, alone) = smaller;
        }

        var trace = alone.StackTrace ?? "";
        return ($"{alone.GetType()} {trace[..Math.Min(trace.Length, 200)]}", $"{where}\n{one}\n{alone}");
    }

    private async Task<(GeneratedCase Case, Exception Fault)?> SmallerAsync(GeneratedCase one, int number, bool isSqlite)
    {
        foreach (var smaller in one.Smaller())
        {
            if (await FaultOfAsync(smaller, number, isSqlite) is { } fault)
            {
                return (smaller, fault);
            }
        }

        return null;
    }

    private async Task<Exception?> FaultOfAsync(GeneratedCase one, int number, bool isSqlite)
    {
        await using var house = await EmbeddedHouse.StartAsync(_key, isSqlite);
        try
        {
            await house.RunAsync(one, number);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }

    private static long Number(string name, long otherwise) =>
        long.TryParse(Setting(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name.Length == 0 ? "AGENTOPS_CASES" : $"AGENTOPS_CASES_{name}");
}

/// <summary>One key for several hosts, which trust it.</summary>
internal sealed class SharedSigningKey : ISigningKeyProvider, IDisposable
{
    private readonly SigningKey _key = SigningKey.Generate();

    public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_key);

    public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([_key.Public]);

    public void Dispose() => _key.Dispose();
}
