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

    // Whoever finds a claim of another host looks again after this time anyway.
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
            && before.Host != _host && before.Since > EpochUnit.Microseconds(now - Lasts))
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
}
