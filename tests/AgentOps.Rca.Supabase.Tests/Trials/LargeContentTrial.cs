using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>One large artifact through the host into the database and out again, while the host's memory is watched.</summary>
public sealed class LargeContentTrial
{
    private const long MebiByte = 1 << 20;

    [Theory(Timeout = 600_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_streams_in_and_out_of_the_database_in_constant_memory(bool overDataApi)
    {
        var length = Trial.Size(overDataApi ? 96 : 256, 1_024) * MebiByte;
        await using var database = await TestDatabase.CreateAsync();
        await using var server = overDataApi ? await PostgrestServer.StartAsync(database) : null;
        await using var host = server is null
            ? await HostProcess.StartAsync(("SUPABASE_DB_URL", database.Direct))
            : await HostProcess.StartAsync(("SUPABASE_URL", server.Url), ("SUPABASE_KEY", "sb_secret_test"));
        // Code and pools first.
        await SendAsync(host, 4 * MebiByte, seed: 1);
        var before = Peak(host.Id);
        var watch = Stopwatch.StartNew();
        await SendAsync(host, length, seed: 2);
        var growth = Peak(host.Id) - before;
        Trial.Report(
            $"Large content in the database {(overDataApi ? "over the Data API" : "over PostgreSQL")}",
            $"{length / MebiByte} MiB in and out in {watch.Elapsed.TotalSeconds:F1} s; the host's memory grew by {growth / MebiByte} MiB at most");
        Assert.InRange(growth, 0, 64 * MebiByte);
    }

    private static async Task SendAsync(HostProcess host, long length, int seed)
    {
        using var body = new StreamContent(new SeededStream(length, seed), 1 << 16);
        using var reply = await host.Client.PostAsync(new Uri("/artifacts", UriKind.Relative), body);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        var digest = JsonElement.Parse(text).GetProperty("digest").GetString();
        using var content = await host.Client.GetAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await content.Content.ReadAsStreamAsync();
        Assert.Equal(digest, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)));
    }

    private static long Peak(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    private sealed class SeededStream(long length, int seed) : Stream
    {
        private readonly Random _random = new(seed);
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - _position);
            _random.NextBytes(buffer.AsSpan(offset, read));
            _position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
