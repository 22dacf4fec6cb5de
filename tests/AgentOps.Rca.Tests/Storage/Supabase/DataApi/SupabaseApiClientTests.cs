using System.Net;
using System.Text;
using AgentOps.Rca.Storage.Supabase.DataApi;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Storage.Supabase.DataApi;

public sealed class SupabaseApiClientTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(60)]
    public async Task A_reply_cut_off_in_the_middle_of_a_chunk_is_asked_for_again(int place)
    {
        var data = new byte[1_000];
        new Random(1).NextBytes(data);
        await using var project = new Project(
            () => new CutStream($$"""[{"data":"\\x{{Convert.ToHexStringLower(data)}}"}]""", place),
            () => new CutStream($$"""[{"data":"\\x{{Convert.ToHexStringLower(data)}}"}]""", int.MaxValue));
        var into = new byte[data.Length];
        using var reply = await project.Client.GetChunkAsync("artifact_contents?select=data", into, TestToken);
        Assert.Equal(data.Length, reply.Length);
        Assert.Equal(data, into);
    }

    [Fact]
    public async Task Rows_cut_off_in_the_middle_are_asked_for_again()
    {
        await using var project = new Project(
            () => new CutStream("""[{"span_id":"a"}]""", 7), () => new CutStream("""[{"span_id":"a"}]""", int.MaxValue));
        using var rows = await project.Client.GetAsync("spans?select=span_id", TestToken);
        Assert.Equal("a", rows.RootElement[0].GetProperty("span_id").GetString());
    }

    [Fact]
    public async Task A_reply_that_is_no_JSON_is_told()
    {
        await using var project = new Project(() => new CutStream("<html>", int.MaxValue));
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => project.Client.GetAsync("spans?select=span_id", TestToken));
        Assert.Contains("https://project.example", exception.Message, StringComparison.Ordinal);
    }

    private sealed class Project : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        public Project(params Func<Stream>[] replies)
        {
            var left = new Queue<Func<Stream>>(replies);
            _services = new ServiceCollection()
                .AddSupabaseApiClients()
                .AddHttpClient(SupabaseApiClients.Name)
                .ConfigurePrimaryHttpMessageHandler(() => new Server(left))
                .Services
                .BuildServiceProvider();
            Client = _services.GetRequiredService<SupabaseApiClients>()
                .Create(new SupabaseApiOptions { Url = new Uri("https://project.example"), Key = "sb_secret_test" });
        }

        public SupabaseApiClient Client { get; }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }

    private sealed class Server(Queue<Func<Stream>> replies) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(replies.Dequeue()()), RequestMessage = request });
    }

    private sealed class CutStream(string json, int place) : MemoryStream(Encoding.UTF8.GetBytes(json))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= place
                ? throw new HttpIOException(HttpRequestError.ResponseEnded)
                : base.ReadAsync(buffer[..Math.Min(buffer.Length, 4)], cancellationToken);
    }
}
