using System.Globalization;
using System.Net;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Http;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Contents;

/// <summary>Content that was changed, cut or swapped behind the host's back is never served.</summary>
public sealed class TamperedContentTests
{
    private const int Length = 4_096;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_disk_every_flipped_byte_every_cut_and_every_swap_is_a_fault()
    {
        var directory = Directory.CreateTempSubdirectory("agentops-tamper-");
        try
        {
            var vault = new ArtifactVault(new InMemoryArtifactStore(), new FileSystemArtifactContentStore(directory.FullName), TimeProvider.System);
            var content = Bytes(1);
            var digest = (await vault.PutAsync(content, "text/plain", cancellationToken: TestToken)).Artifact.Digest;
            var path = Path.Combine(directory.FullName, digest.ToString()[..2], digest.ToString());
            var changed = (byte[])content.Clone();
            for (var place = 0; place < Length; place++)
            {
                changed[place] ^= (byte)(1 << (place % 8));
                await File.WriteAllBytesAsync(path, changed, TestToken);
                await AssertNeverServedAsync(vault, digest);
                changed[place] = content[place];
            }

            foreach (var other in Others(content))
            {
                await File.WriteAllBytesAsync(path, other, TestToken);
                await AssertNeverServedAsync(vault, digest);
            }

            await File.WriteAllBytesAsync(path, content, TestToken);
            Assert.Null(await vault.CheckAsync(digest, TestToken));
            Trial.Report("Tampered content on disk", $"each of {Length} bytes flipped, 6 cut or swapped: 0 served");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task In_the_database_every_flipped_byte_every_cut_and_every_swap_is_a_fault()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
        var vault = new ArtifactVault(backend.Artifacts, backend.Contents, TimeProvider.System);
        var content = Bytes(1);
        var digest = (await vault.PutAsync(content, "text/plain", cancellationToken: TestToken)).Artifact.Digest;
        await using var connection = await database.OpenAsync();
        await using var update = connection.CreateCommand();
        update.CommandText = "update artifact_contents set data = $1 where digest = $2";
        update.Parameters.Add(new Npgsql.NpgsqlParameter { Value = content });
        update.Parameters.Add(new Npgsql.NpgsqlParameter { Value = digest.ToString() });
        async Task StoreAsync(byte[] bytes)
        {
            update.Parameters[0].Value = bytes;
            Assert.Equal(1, await update.ExecuteNonQueryAsync(TestToken));
        }

        var changed = (byte[])content.Clone();
        for (var place = 0; place < Length; place++)
        {
            changed[place] ^= (byte)(1 << (place % 8));
            await StoreAsync(changed);
            await AssertNeverServedAsync(vault, digest);
            changed[place] = content[place];
        }

        foreach (var other in Others(content))
        {
            await StoreAsync(other);
            // Bytes behind the end are not part of what is read; whatever else is served would have to be the content itself.
            var read = await vault.ReadAllVerifiedAsync(digest, Length, TestToken);
            Assert.True(read.Fault is ArtifactFault.Corrupt || (other.Length > Length && read.Content.Span.SequenceEqual(content)));
        }

        await StoreAsync(content);
        Assert.Null(await vault.CheckAsync(digest, TestToken));
        Trial.Report("Tampered content in the database", $"each of {Length} bytes flipped, 6 cut or swapped: 0 served");
    }

    [Fact]
    public async Task Over_HTTP_changed_and_swapped_content_is_a_problem_and_not_a_byte_of_it_is_sent()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var host = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", database.Direct));
        var digests = new List<string>();
        foreach (var seed in (int[])[1, 2])
        {
            var (_, answer) = await host.PostAsync("/artifacts", $$"""{"content":"{{Convert.ToBase64String(Bytes(seed))}}","mime":"text/plain"}""");
            digests.Add(answer.GetProperty("digest").GetString()!);
        }

        // Swapped: each digest names the other's bytes.
        await database.ExecuteAsync("""
            update artifact_contents set digest = digest || 'x';
            update artifact_contents set digest = (select max(digest) from artifacts) where digest = (select min(digest) from artifacts) || 'x';
            update artifact_contents set digest = (select min(digest) from artifacts) where digest like '%x';
            """);
        Assert.Equal(2L, await database.ReadAsync<long>("select count(*) from artifacts join artifact_contents using (digest)"));
        foreach (var digest in digests)
        {
            foreach (var path in (string[])[$"/artifacts/{digest}/content", $"/artifacts/{digest}"])
            {
                using var reply = await host.Client.GetAsync(new Uri(path, UriKind.Relative), TestToken);
                var body = await reply.Content.ReadAsByteArrayAsync(TestToken);
                Assert.True(
                    reply.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent) || path.EndsWith(digest, StringComparison.Ordinal),
                    string.Create(CultureInfo.InvariantCulture, $"{path}: {(int)reply.StatusCode}"));
                foreach (var seed in (int[])[1, 2])
                {
                    Assert.Equal(-1, body.AsSpan().IndexOf(Bytes(seed).AsSpan(0, 16)));
                    Assert.DoesNotContain(Convert.ToBase64String(Bytes(seed).AsSpan(0, 15)), System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
                }
            }
        }
    }

    private static async Task AssertNeverServedAsync(ArtifactVault vault, ArtifactDigest digest)
    {
        var read = await vault.ReadAllVerifiedAsync(digest, Length, TestToken);
        Assert.IsType<ArtifactFault.Corrupt>(read.Fault);
        Assert.True(read.Content.IsEmpty);
    }

    private static IEnumerable<byte[]> Others(byte[] content) =>
        [[], content[..1], content[..^1], [.. content, 0], Bytes(2), [.. content[1..], content[0]]];

    private static byte[] Bytes(int seed)
    {
        var bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
