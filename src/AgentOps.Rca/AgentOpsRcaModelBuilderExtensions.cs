using AgentOps.Rca;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the language model of AgentOps.Rca.</summary>
public static class AgentOpsRcaModelBuilderExtensions
{
    /// <summary>Asks Groq, and changes how it is called after the settings were read: key, models, limits, prices.</summary>
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
        return builder.Ask(client, missing: "");
    }

    /// <summary>Asks the chat client that is among the services, as <c>services.AddChatClient(…)</c> puts it there.</summary>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder UseChatClient(this IAgentOpsRcaBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Ask(
            static provider => provider.GetService<IChatClient>(),
            "The language-model engine asks the chat client among the services, and there is none: add one with services.AddChatClient(…).");
    }

    /// <summary>Asks this chat client.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">The client; it stays yours to dispose.</param>
    public static IAgentOpsRcaBuilder UseChatClient(this IAgentOpsRcaBuilder builder, IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return builder.UseChatClient(_ => client);
    }

    /// <summary>Asks the chat client that is among the services under a key, as <c>services.AddKeyedChatClient(…)</c> puts it there.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="serviceKey">The key.</param>
    public static IAgentOpsRcaBuilder UseKeyedChatClient(this IAgentOpsRcaBuilder builder, object serviceKey)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serviceKey);
        return builder.Ask(
            provider => provider.GetKeyedService<IChatClient>(serviceKey),
            $"There is no chat client among the services under the key {serviceKey}: add one with services.AddKeyedChatClient(…).");
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

    private static IAgentOpsRcaBuilder Ask(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, IChatClient?> client, string missing)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var chosen = new Lazy<IChatClient?>(() => client(provider));
            return new AnalysisModel(() => chosen.Value!, () => missing.Length > 0 && chosen.Value is null ? missing : null)
            {
                Origin = AnalysisModel.OfCode,
            };
        }));
        return builder;
    }
}
