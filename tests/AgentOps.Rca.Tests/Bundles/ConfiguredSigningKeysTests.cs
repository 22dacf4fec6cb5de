using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tests.Artifacts;
using AgentOps.Rca.Tests.Replay;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Bundles;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConfiguredSigningKeysTests
{
    [Fact]
    public async Task A_key_is_made_once_and_only_its_owner_can_read_it()
    {
        using var directory = new TemporaryDirectory();
        string first;
        using (var keys = Make(new AgentOpsRcaOptions { DataDirectory = directory.Path }))
        {
            first = (await keys.GetSigningKeyAsync()).Public.KeyId;
        }

        using var again = Make(new AgentOpsRcaOptions { DataDirectory = directory.Path });

        Assert.Equal(first, (await again.GetSigningKeyAsync()).Public.KeyId);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.Path, ConfiguredSigningKeys.FileName)));
    }

    // A8: a look that failed was remembered until the next start.
    [Fact]
    public async Task A_key_that_could_not_be_made_is_made_when_the_cause_is_mended()
    {
        using var directory = new TemporaryDirectory();
        var data = Path.Combine(directory.Path, "data");
        await File.WriteAllTextAsync(data, "a file in the way", TestContext.Current.CancellationToken);
        using var keys = Make(new AgentOpsRcaOptions { DataDirectory = data });
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await keys.GetSigningKeyAsync());

        File.Delete(data);

        Assert.NotNull(await keys.GetSigningKeyAsync());
        // S14: and nobody else gets into the directory.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
    }

    // S14.
    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_directory_in_which_others_can_put_another_key_stops_the_start(UnixFileMode others)
    {
        using var directory = new TemporaryDirectory();
        using (var keys = Make(new AgentOpsRcaOptions { DataDirectory = directory.Path }))
        {
            await keys.GetSigningKeyAsync();
        }

        File.SetUnixFileMode(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | others);

        Assert.Contains("chmod go-w", ConfiguredSigningKeys.FindProblem(new AgentOpsRcaOptions { DataDirectory = directory.Path }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_file_that_others_can_use_stops_the_start_and_says_what_to_do(UnixFileMode others)
    {
        using var directory = new TemporaryDirectory();
        foreach (var configured in new[] { false, true })
        {
            using var key = SigningKey.Generate();
            var path = Path.Combine(directory.Path, ConfiguredSigningKeys.FileName);
            File.WriteAllText(path, key.ExportPem());
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);

            var failure = Assert.Throws<OptionsValidationException>(() => Start(
                ("AGENTOPS_SIGNING_KEY", configured ? path : null), ("data", directory.Path)));

            Assert.Contains($"The signing key '{path}' can be used by other users than its owner", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"chmod 600 '{path}'", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task After_a_change_of_keys_bundles_of_the_old_key_and_of_partners_still_count_and_others_do_not()
    {
        using var directory = new TemporaryDirectory();
        using var old = SigningKey.Generate();
        using var partner = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        using var current = SigningKey.Generate();
        var trusted = Path.Combine(directory.Path, "trusted.pem");
        await File.WriteAllTextAsync(trusted, $"# our key until 2026\n{old.Public.Pem}\n{partner.Public.Pem}");
        using var keys = Make(new AgentOpsRcaOptions { SigningKey = current.ExportPem(), TrustedKeys = trusted });

        Assert.Equal(current.Public.KeyId, (await keys.GetSigningKeyAsync()).Public.KeyId);
        foreach (var (key, counts) in new[] { (current, true), (old, true), (partner, true), (stranger, false) })
        {
            var recorded = new RecordedIncident { Key = key };
            await recorded.Incidents.AddAsync(recorded.Incident);
            using var bundle = new MemoryStream(await recorded.ExportAsync());
            var verified = Assert.IsType<BundleVerificationOutcome.Verified>(await new BundleVerifier([], keys).VerifyAsync(bundle)).Verification;
            Assert.Equal((counts, key.Public.KeyId), (verified.Valid, verified.KeyId));
        }
    }

    [Theory]
    [InlineData("/no/such/file.pem", "is neither PEM text nor the path of a file that exists")]
    [InlineData("-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----", "Key 1 is no public key")]
    public void Trusted_keys_that_cannot_be_read_stop_the_start(string configured, string expected)
    {
        using var directory = new TemporaryDirectory();

        var failure = Assert.Throws<OptionsValidationException>(() => Start(("AGENTOPS_TRUSTED_KEYS", configured), ("data", directory.Path)));

        Assert.Contains("AGENTOPS_TRUSTED_KEYS", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_is_neither_on_nor_off_stops_the_start() =>
        Assert.Contains(
            "AGENTOPS_FOUR_EYES must be true or false",
            Assert.Throws<OptionsValidationException>(() => Start(("AGENTOPS_FOUR_EYES", "perhaps"))).Message,
            StringComparison.Ordinal);

    private static ConfiguredSigningKeys Make(AgentOpsRcaOptions options) => new(Options.Create(options));

    private static void Start(params (string Name, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Where(setting => setting.Name != "data").ToDictionary(setting => setting.Name, setting => setting.Value)).Build());
        services.AddAgentOpsRca(options => options.DataDirectory = settings.FirstOrDefault(setting => setting.Name == "data").Value ?? "data");
        using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
    }
}
