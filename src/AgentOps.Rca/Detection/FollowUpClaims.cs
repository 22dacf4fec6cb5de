using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Keeps hosts over the same stores from seeing the same incident through at the same time. A claim is a span whose id follows from the incident and from the
/// turn of the clock in which it is made, and a store keeps one span under an id: so one host has it, and one that dies has it for one turn more at most. It
/// belongs to no incident, and is dropped with the others that do not.
/// </summary>
internal sealed class FollowUpClaims(
    ISpanIntake intake,
    [FromKeyedServices(SharedStores.Key)] ISpanStore spans,
    IOptions<IncidentDetectionOptions> options,
    TimeProvider timeProvider)
{
    private const string HostAttribute = "host";

    private readonly string _host = RandomNumberGenerator.GetHexString(32, lowercase: true);

    // Whoever finds a claim of another host looks again after this time anyway. A tenth of it is left for a renewal that comes late.
    private TimeSpan Lasts => options.Value.RetryInterval;

    /// <summary>Whether this host may see the incident through, or go on with it: no other one is at it.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async ValueTask<bool> TryAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var turn = now.UtcTicks / Lasts.Ticks;
        if (await HolderAsync(incidentId, turn, cancellationToken).ConfigureAwait(false) is { } holder)
        {
            return holder.Host == _host;
        }

        if (await HolderAsync(incidentId, turn - 1, cancellationToken).ConfigureAwait(false) is { } before
            && before.Host != _host && before.Since > EpochUnit.Microseconds(now - Lasts - (Lasts / 10)))
        {
            return false;
        }

        var at = EpochUnit.Microseconds(now);
        var written = await intake.AddAsync(
            [
                new Span
                {
                    SpanId = SpanIds.OfClaim(incidentId, turn), Tool = ToolNames.Claim, StartTs = at, EndTs = at, Attributes = Attributes(incidentId),
                },
            ],
            cancellationToken).ConfigureAwait(false);
        return written is { Conflicts.Count: 0 }
            || (await HolderAsync(incidentId, turn, cancellationToken).ConfigureAwait(false))?.Host == _host;
    }

    /// <summary>Makes the claim that this host has again and again, however long its work takes, until the result is disposed of.</summary>
    /// <param name="incidentId">The incident, which this host has just claimed.</param>
    /// <param name="cancellationToken">Ends it as well.</param>
    public IAsyncDisposable Hold(Guid incidentId, CancellationToken cancellationToken) => new Held(this, incidentId, cancellationToken);

    private async Task RenewAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        // Twice a turn, so that no look of another host finds neither this turn's claim nor a young one of the turn before.
        using var timer = new PeriodicTimer(Lasts / 2, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await TryAsync(incidentId, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                // Nobody else can claim it meanwhile either.
            }
        }
    }

    private async ValueTask<(string? Host, long Since)?> HolderAsync(Guid incidentId, long turn, CancellationToken cancellationToken) =>
        await spans.GetAsync(SpanIds.OfClaim(incidentId, turn), cancellationToken).ConfigureAwait(false) is { } claim
            ? (claim.Attributes.TextOf(HostAttribute), claim.StartTs)
            : null;

    private JsonElement Attributes(Guid incidentId)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(HostAttribute, _host);
            json.WriteString("incident_id", incidentId.ToString("D"));
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private sealed class Held : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end;
        private readonly Task _renewing;

        public Held(FollowUpClaims claims, Guid incidentId, CancellationToken cancellationToken)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _renewing = claims.RenewAsync(incidentId, _end.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
        }
    }
}
