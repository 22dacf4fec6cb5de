using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the stores and models of AgentOps.Rca.</summary>
public static class AgentOpsRcaBuilderExtensions
{
    /// <summary>
    /// Keeps everything in memory, a generated signing key included: for tests and demonstrations. Settings that name a store, a model, a directory
    /// or a key of bundles are not read, neither from the environment nor from the configuration, so that nobody is called unless code says so
    /// (<c>UseGroq</c>, <c>UseChatClient</c>). What bounds callers (<c>AGENTOPS_API_KEY</c>, <c>AGENTOPS_FOUR_EYES</c>), and what features that code turned
    /// on are told by their own sections, still counts.
    /// </summary>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder UseInMemory(this IAgentOpsRcaBuilder builder)
    {
        builder.UseStorage(InMemoryBackend.Create, "UseInMemory()");
        builder.Services.Replace(ServiceDescriptor.Singleton(new SettingsScope(InMemory: true)));
        return builder;
    }

    /// <summary>
    /// Keeps everything in the PostgreSQL of a Supabase project, whatever the settings say; the host brings its tables up to date when
    /// it starts, except behind the transaction pooler. The last call wins.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">
    /// A <c>postgresql://</c> URI as the dashboard shows it under Connect (direct, session pooler or transaction pooler), or Npgsql's keywords.
    /// </param>
    /// <exception cref="ArgumentException">It is neither; the message says why, without repeating it.</exception>
    public static IAgentOpsRcaBuilder UseSupabase(this IAgentOpsRcaBuilder builder, string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        const string name = "The connection string of UseSupabase";
        return SupabaseConnectionString.FindProblem(connectionString, name) is { } problem
            ? throw new ArgumentException(problem, nameof(connectionString))
            : builder.UseStorage(provider => SupabaseBackends.Connect(provider, connectionString, name), "UseSupabase()");
    }

    /// <summary>
    /// Keeps everything behind the Data API of a Supabase project, whatever the settings say. Its tables are made by the files under
    /// <c>supabase/migrations</c>. The last call wins.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="url">The project's address, <c>https://&lt;ref&gt;.supabase.co</c>.</param>
    /// <param name="key">An <c>sb_secret_</c> key of the project, or its <c>service_role</c> key.</param>
    /// <exception cref="ArgumentException">The address is not an absolute one of http or https, or the key is blank.</exception>
    public static IAgentOpsRcaBuilder UseSupabase(this IAgentOpsRcaBuilder builder, Uri url, string key)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return url is { IsAbsoluteUri: true, Scheme: "https" or "http", UserInfo: "" }
            ? builder.UseStorage(provider => SupabaseBackends.Connect(provider, url, key), "UseSupabase()")
            : throw new ArgumentException("The address of a Supabase project is an absolute one, such as https://<ref>.supabase.co.", nameof(url));
    }

    /// <summary>Keeps everything in a backend of your own, whatever the settings say. The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="backend">Makes the backend, which the services dispose.</param>
    public static IAgentOpsRcaBuilder UseStorage(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend) =>
        builder.UseStorage(backend, "UseStorage()");

    internal static IAgentOpsRcaBuilder UseStorage(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend, string call)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backend);
        builder.Services.Replace(ServiceDescriptor.Singleton(new StorageOrigin(call)));
        builder.Services.Replace(ServiceDescriptor.Singleton(new SettingsScope(InMemory: false)));
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => BucketBackend.Apply(provider, backend(provider))));
        return builder;
    }

    /// <summary>Keeps everything in this backend unless the settings name another one (Supabase). The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="backend">Makes the backend.</param>
    public static IAgentOpsRcaBuilder UseStorageByDefault(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend) =>
        builder.UseStorageByDefault(backend, "UseStorageByDefault()");

    internal static IAgentOpsRcaBuilder UseStorageByDefault(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend, string call)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backend);
        builder.Services.Replace(ServiceDescriptor.Singleton(new EmbeddedStorage(backend, call)));
        return builder;
    }

    /// <summary>
    /// Adds a detector to the engine <c>trace</c>: what it finds is ranked, checked and written like what the library's own find. Adding one changes
    /// the engine's version, which names it.
    /// </summary>
    /// <typeparam name="T">The detector; one object serves all analyses, also several at once.</typeparam>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder AddDetector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IAgentOpsRcaBuilder builder)
        where T : class, IDetector
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IDetector, T>());
        return builder;
    }
}
