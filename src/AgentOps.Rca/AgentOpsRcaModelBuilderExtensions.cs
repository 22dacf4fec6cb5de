using AgentOps.Rca;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the language model of AgentOps.Rca.</summary>
public static class AgentOpsRcaModelBuilderExtensions
{
    /// <summary>Changes how Groq is called, after the settings were read: key, models, limits, prices.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options.</param>
    public static IAgentOpsRcaBuilder UseGroq(this IAgentOpsRcaBuilder builder, Action<GroqOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>Asks a chat client of your own instead of Groq. It needs no key of Groq; the last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">Gives the client; it is asked for once and stays yours to dispose.</param>
    public static IAgentOpsRcaBuilder UseChatClient(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, IChatClient> client)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        builder.Services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var chosen = new Lazy<IChatClient>(() => client(provider));
            return new AnalysisModel(() => chosen.Value, static () => null);
        }));
        return builder;
    }

    /// <summary>Changes what an analysis may spend on a language model.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options.</param>
    public static IAgentOpsRcaBuilder ConfigureLanguageModel(this IAgentOpsRcaBuilder builder, Action<LanguageModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(configure);
        return builder;
    }
}
