using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AgentOps.Rca.Page.Tests;

/// <summary>A real proxy before a host: it has the host at /outer/, and takes that off or leaves it.</summary>
internal sealed class NginxProxy : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private NginxProxy(Process process, DirectoryInfo directory, int port)
    {
        _process = process;
        _directory = directory;
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Starts it, or skips the test where there is none.</summary>
    public static async Task<NginxProxy> StartAsync(string host, bool strips)
    {
        var program = Array.Find(Places, File.Exists);
        Assert.SkipUnless(program is not null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", "This test needs nginx; ./test.sh installs it.");
        var directory = Directory.CreateTempSubdirectory("agentops-nginx-");
        var port = FindPort();
        var folder = directory.FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
              server {
                listen 127.0.0.1:{{port}};
                location /outer/ { proxy_pass {{host}}{{(strips ? "/" : "")}}; proxy_set_header Host $http_host; proxy_buffering off; }
              }
            }
            """);
        var process = Process.Start(new ProcessStartInfo(program!, ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")]) { RedirectStandardError = true })!;
        var proxy = new NginxProxy(process, directory, port);
        using var client = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{proxy.Address}/outer/health"));
                return proxy;
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(50);
            }
        }
    }

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        using (var stop = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await stop.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }
}
