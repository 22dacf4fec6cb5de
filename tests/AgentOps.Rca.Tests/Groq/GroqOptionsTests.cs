using AgentOps.Rca.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Groq;

public sealed class GroqOptionsTests
{
    public static TheoryData<Action<GroqOptions>, string> Mistakes => new()
    {
        { options => options.ApiKey = "", "GROQ_API_KEY" },
        { options => options.ApiKey = "gsk_secret\nx", "GROQ_API_KEY" },
        { options => options.Endpoint = null!, "Endpoint" },
        { options => options.Endpoint = new Uri("http://api.groq.com/openai/v1"), "https" },
        { options => options.Endpoint = new Uri("/openai", UriKind.Relative), "https" },
        { options => options.Endpoint = new Uri("https://user:pass@api.groq.com"), "https" },
        { options => options.Models = [], "GROQ_MODEL" },
        { options => options.Models = ["a", " "], "GROQ_MODEL" },
        { options => options.MaxOutputTokens = 0, "MaxOutputTokens" },
        { options => options.Temperature = 2.5f, "Temperature" },
        { options => options.ReasoningEffort = "none", "ReasoningEffort" },
        { options => options.ServiceTier = "gold", "ServiceTier" },
        { options => options.AttemptTimeout = TimeSpan.Zero, "AttemptTimeout" },
        { options => options.TotalTimeout = TimeSpan.FromSeconds(5), "TotalTimeout" },
        { options => options.MaxRetries = 11, "MaxRetries" },
        { options => options.MinRetryDelay = TimeSpan.FromSeconds(9), "MaxRetryDelay" },
        { options => options.MaxRetryAfter = TimeSpan.FromDays(1), "MaxRetryAfter" },
        { options => options.MaxReplyBytes = 1, "MaxReplyBytes" },
        { options => options.Prices = new Dictionary<string, GroqPrice> { ["m"] = new(-1, null, 1) }, "price of m" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_and_the_key_is_not(Action<GroqOptions> mistake, string named)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read(mistake));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gsk_secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_valid_and_off()
    {
        Assert.Null(Read(static _ => { }).ApiKey);
    }

    private static GroqOptions Read(Action<GroqOptions> configure)
    {
        using var provider = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddGroq().Configure(configure).BuildServiceProvider();
        return provider.GetRequiredService<IOptions<GroqOptions>>().Value;
    }

    [Theory]
    [InlineData(null, new string[0])]
    [InlineData(" a , b,,a ", new[] { "a", "b" })]
    public void A_list_of_models_keeps_its_order(string? list, string[] models) => Assert.Equal(models, GroqOptions.ParseModels(list));

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("7.66s", 7.66)]
    [InlineData("2m59.56s", 179.56)]
    [InlineData("1h2m3s", 3723.0)]
    [InlineData("1d", 86400.0)]
    [InlineData("120ms", 0.12)]
    [InlineData("999999999999", 31622400.0)]
    [InlineData(" 5 ", 5.0)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("soon", null)]
    [InlineData("1e9", null)]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT", null)]
    public void Durations_are_read_as_Groq_writes_them(string text, double? seconds) =>
        Assert.Equal(seconds, GroqDuration.Parse(text)?.TotalSeconds);

    [Fact]
    public void A_price_counts_cached_tokens_at_their_own_rate()
    {
        var usage = new UsageDetails { InputTokenCount = 1_000_000, CachedInputTokenCount = 400_000, OutputTokenCount = 500_000 };

        Assert.Equal(0.09m + 0.03m + 0.30m, GroqPrices.Cost("openai/gpt-oss-120b", usage));
        Assert.Equal(0.59m + 0.395m, GroqPrices.Cost("llama-3.3-70b-versatile", usage));
        Assert.Equal(1_000_000m * 2 / 1_000_000m, GroqPrices.Cost("mine", usage, new Dictionary<string, GroqPrice> { ["mine"] = new(2, 2, 0) }));
    }

    [Fact]
    public void What_is_not_known_costs_null()
    {
        var usage = new UsageDetails { InputTokenCount = 1, OutputTokenCount = 1 };

        Assert.Null(GroqPrices.Cost("unknown", usage));
        Assert.Null(GroqPrices.Cost(null, usage));
        Assert.Null(GroqPrices.Cost("openai/gpt-oss-120b", null));
        Assert.Null(GroqPrices.Cost("openai/gpt-oss-120b", new UsageDetails { InputTokenCount = 1 }));
        Assert.Equal(0m, GroqPrices.Cost("openai/gpt-oss-120b", new UsageDetails { InputTokenCount = 0, OutputTokenCount = 0 }));
    }

    [Fact]
    public async Task What_a_call_costs_is_unknown_without_the_model_its_price_or_the_usage()
    {
        await using var host = new GroqHost();
        var usage = new UsageDetails { InputTokenCount = 1_000_000, OutputTokenCount = 1_000_000 };

        Assert.Equal(0.75m, host.Client.CostUsd("openai/gpt-oss-120b", usage));
        Assert.Null(host.Client.CostUsd(null, usage));
        Assert.Null(host.Client.CostUsd("acme/unheard-of", usage));
        Assert.Null(host.Client.CostUsd("openai/gpt-oss-120b", null));
        Assert.Null(host.Client.CostUsd("openai/gpt-oss-120b", new UsageDetails { InputTokenCount = 1 }));
    }
}
