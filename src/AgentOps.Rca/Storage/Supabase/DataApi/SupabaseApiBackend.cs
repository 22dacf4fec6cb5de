using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Supabase through its Data API.</summary>
internal sealed class SupabaseApiBackend : StorageBackend
{
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);

    private readonly SupabaseApiClient _client;
    private readonly SupabaseApiOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ChunkedContentStore _contents;

    public SupabaseApiBackend(SupabaseApiClient client, SupabaseApiOptions options, TimeProvider timeProvider)
    {
        _client = client;
        _options = options;
        _timeProvider = timeProvider;
        Incidents = new SupabaseApiIncidentStore(client);
        Spans = new SupabaseApiSpanStore(client);
        Artifacts = new SupabaseApiArtifactStore(client);
        _contents = new ChunkedContentStore(new SupabaseApiContentChunks(client), Artifacts, timeProvider);
    }

    public override string Name => $"Supabase Data API at {_client.Address}{_options.Schema.Note}";

    public override IIncidentStore Incidents { get; }

    public override ISpanStore Spans { get; }

    public override IArtifactStore Artifacts { get; }

    public override IArtifactContentStore Contents => _contents;

    // Behind row level security a read of an untrusted key looks like an empty table, so only a row that comes back proves anything.
    public override async ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken = default)
    {
        var empty = new Artifact
        {
            Digest = ArtifactDigest.Empty,
            Length = 0,
            Mime = "application/octet-stream",
            CreatedTs = DateTimeOffset.UnixEpoch,
        };
        try
        {
            using var nothing = new MemoryStream();
            await contents.WriteAsync(nothing, ArtifactDigest.Empty, cancellationToken).ConfigureAwait(false);
            await Artifacts.AddAsync(empty, cancellationToken).ConfigureAwait(false);
            if (await Artifacts.GetAsync(ArtifactDigest.Empty, cancellationToken).ConfigureAwait(false) is null)
            {
                throw new StoreSetupException(HiddenSentence("hides what it writes"));
            }
        }
        catch (StoreUnavailableException exception) when (exception.InnerException is SupabaseApiException { Code: "42501" })
        {
            throw new StoreSetupException(HiddenSentence("refuses its writes"), exception);
        }
        catch (StoreUnavailableException exception) when (exception.InnerException is null)
        {
            throw new StoreSetupException(HiddenSentence("hides what it writes"), exception);
        }

        if (!_options.IsTrusted)
        {
            return UntrustedSentence();
        }

        if (await FindFaultAsync(cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        await _contents.SweepAsync(cancellationToken).ConfigureAwait(false);
        return await FindWarningAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<string?> FindWarningAsync(CancellationToken cancellationToken = default)
    {
        if (!_options.IsTrusted)
        {
            return UntrustedSentence();
        }

        using var limit = new CancellationTokenSource(LookLimit, _timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var warnings = await _client.GetAsync("rpc/agentops_open_tables", both.Token).ConfigureAwait(false);
            return warnings.RootElement.GetArrayLength() == 0
                ? null
                : string.Join(' ', Texts(warnings, "warning"));
        }
        catch (Exception exception) when (exception is StoreUnavailableException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What is down is told by the look at its health.
            return null;
        }
    }

    public override async ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(LookLimit, _timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var row = await _client.GetAsync($"artifacts?digest=eq.{ArtifactDigest.Empty}&select=digest", both.Token).ConfigureAwait(false);
            if (_options.IsTrusted)
            {
                using var answer = await _client.GetAsync("rpc/agentops_schema_version", both.Token).ConfigureAwait(false);
                var version = answer.RootElement.GetString();
                if (string.CompareOrdinal(version, SupabaseMigrations.Version) < 0)
                {
                    return $"The tables are at version {version}, older than this program. {SupabaseMigrations.HowToRun}";
                }

                using var problems = await _client.GetAsync("rpc/agentops_table_problems", both.Token).ConfigureAwait(false);
                if (problems.RootElement.GetArrayLength() > 0)
                {
                    var sentence = SupabaseShape.ToSentence(string.Join("; ", Texts(problems, "problem")));
                    return $"{sentence} {SupabaseMigrations.HowToRun}";
                }
            }

            return null;
        }
        catch (StoreUnavailableException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The Data API at {_client.Address} did not answer in time.";
        }
    }

    private static IEnumerable<string?> Texts(JsonDocument rows, string column) =>
        rows.RootElement.EnumerateArray().Select(row => ApiRows.Text(row, column)).Order(StringComparer.Ordinal);

    private string UntrustedSentence() =>
        $"The key for {_client.Address} is not a service_role or sb_secret_ key. It works because row level security is off, "
        + "so anyone with this key can read and change the data; turn it on and use an sb_secret_ key.";

    private string HiddenSentence(string what) =>
        $"Row level security at {_client.Address} {what} from the key in SUPABASE_KEY. "
        + "Use the project's sb_secret_ key or its service_role key there.";
}
