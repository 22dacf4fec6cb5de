using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>A host whose settings name a bucket.</summary>
public sealed class BucketHostTests
{
    [Fact]
    public async Task ARTIFACT_BUCKET_moves_the_bytes_into_the_bucket_and_the_host_says_so()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var storage = await StorageServer.StartAsync();
        await using var host = await SupabaseHost.StartAsync(
            ("SUPABASE_DB_URL", database.Direct), ("SUPABASE_URL", storage.Url.AbsoluteUri),
            ("SUPABASE_KEY", StorageServer.ServiceKey), ("ARTIFACT_BUCKET", "evidence"));

        await host.AssertServesAsync();

        Assert.Equal(["evidence"], storage.Buckets.Keys);
        Assert.Equal(0L, await database.ReadAsync<long>("select count(*) from artifact_contents"));
        Assert.Equal(2, storage.Requests.Count(request => request == "POST object"));
        var card = await host.Client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("Supabase PostgreSQL at 127.0.0.1:", card, StringComparison.Ordinal);
        Assert.Contains("artifact content in Supabase Storage bucket", card, StringComparison.Ordinal);
        Assert.DoesNotContain(StorageServer.ServiceKey, card, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ARTIFACT_BUCKET needs SUPABASE_URL", "ARTIFACT_BUCKET=evidence")]
    [InlineData("ARTIFACT_BUCKET and ARTIFACT_DIR are both set", "ARTIFACT_BUCKET=evidence", "SUPABASE_URL=http://127.0.0.1:1", "SUPABASE_KEY=k", "ARTIFACT_DIR=/tmp/none")]
    [InlineData("ARTIFACT_BUCKET must be the name of a bucket", "ARTIFACT_BUCKET=a/b", "SUPABASE_URL=http://127.0.0.1:1", "SUPABASE_KEY=k")]
    public async Task Settings_that_do_not_fit_stop_the_start(string sentence, params string[] settings)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => SupabaseHost.StartAsync([.. settings.Select(setting => setting.Split('=', 2)).Select(pair => (pair[0], pair[1]))]));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }
}
