using AgentOps.Rca.Storage.Faults;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>The one way to the database: a connection from the pool per call, repeated and explained when it fails.</summary>
internal sealed class SupabaseDatabase : IAsyncDisposable
{
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MigrationLimit = TimeSpan.FromMinutes(15);

    private readonly NpgsqlDataSource _source;
    private readonly StoreRetry _retry;
    private readonly StoreRetry _patientRetry;
    private readonly StoreRetryOptions _retryOptions;
    private readonly TimeProvider _timeProvider;

    private readonly bool _ownsSource;

    public SupabaseDatabase(
        SupabaseAddress address, SupabaseSchema schema, NpgsqlDataSource? source, StoreRetryOptions retryOptions, TimeProvider timeProvider, ILogger logger)
    {
        Address = address;
        Schema = schema;
        _retryOptions = retryOptions;
        _timeProvider = timeProvider;
        _ownsSource = source is null;
        _source = source ?? Build(address);
        _retry = new StoreRetry(retryOptions, SupabaseFaults.Classify, timeProvider, logger);
        _patientRetry = new StoreRetry(retryOptions with { Budget = MigrationLimit }, SupabaseFaults.Classify, timeProvider, logger);
    }

    public SupabaseAddress Address { get; }

    /// <summary>Where the tables stand.</summary>
    public SupabaseSchema Schema { get; }

    /// <summary>Runs one call that may happen twice.</summary>
    /// <exception cref="StoreUnavailableException">The database is down, or has to be set up first; the sentence says so.</exception>
    public ValueTask<T> RunAsync<TState, T>(
        TState state, Func<SupabaseConnection, TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_retry, state, call, once: false, cancellationToken);

    /// <summary>Runs one call that must not happen twice: when its reply is lost, the store counts as unavailable.</summary>
    /// <exception cref="StoreUnavailableException">As above, or nobody knows whether the call happened.</exception>
    public ValueTask<T> RunOnceAsync<TState, T>(
        TState state, Func<SupabaseConnection, TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_retry, state, call, once: true, cancellationToken);

    /// <summary>Runs one call that may happen twice and takes as long as it takes.</summary>
    /// <exception cref="StoreUnavailableException">As above.</exception>
    public ValueTask<T> RunPatientlyAsync<TState, T>(
        TState state, Func<SupabaseConnection, TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_patientRetry, state, call, once: false, cancellationToken);

    /// <summary>Runs one call without repeating it and with little patience.</summary>
    public async ValueTask<T> LookAsync<T>(
        Func<SupabaseConnection, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? LookLimit, _timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var connection = await OpenAsync(both.Token).ConfigureAwait(false);
            await using var connectionDisposal = connection.ConfigureAwait(false);
            return await call(connection, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(new StoreBudgetException(exception))!;
        }
        catch (Exception exception) when (Unavailable(exception) is { } unavailable)
        {
            throw unavailable;
        }
    }

    public ValueTask DisposeAsync() => _ownsSource ? _source.DisposeAsync() : ValueTask.CompletedTask;

    private static NpgsqlDataSource Build(SupabaseAddress address)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(address.Settings.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }

    private async ValueTask<T> RunAsync<TState, T>(
        StoreRetry retry,
        TState state,
        Func<SupabaseConnection, TState, CancellationToken, ValueTask<T>> call,
        bool once,
        CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(
                static async (input, token) =>
                {
                    var connection = await input.Self.OpenAsync(token).ConfigureAwait(false);
                    await using var connectionDisposal = connection.ConfigureAwait(false);
                    return await input.call(connection, input.state, token).ConfigureAwait(false);
                },
                (Self: this, state, call),
                once,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Unavailable(exception) is { } unavailable)
        {
            throw unavailable;
        }
    }

    private async ValueTask<SupabaseConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new SupabaseConnection(await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false), Schema);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException
            or System.Net.Sockets.SocketException)
        {
            throw new ConnectFailedException(exception);
        }
    }

    private StoreUnavailableException? Unavailable(Exception exception) =>
        SupabaseFaults.Explain(exception, Address) is { } sentence
            ? new StoreUnavailableException(sentence, exception) { RetryAfter = _retryOptions.RetryAfter }
            : exception is StoreBudgetException
                ? new StoreUnavailableException($"The database at {Address} did not answer in time.", exception)
                {
                    RetryAfter = _retryOptions.RetryAfter,
                }
                : null;
}
