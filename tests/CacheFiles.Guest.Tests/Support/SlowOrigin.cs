using System.Net.Sockets;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>nginx with the images: the first 16 KiB of each answer come at once, then a byte a second.</summary>
internal sealed class SlowOrigin : IDisposable
{
    private const int Port = 8181;
    private readonly Child _nginx;

    private SlowOrigin(string configuration) => _nginx = Child.Start("nginx", "-c", configuration, "-e", "stderr");

    internal static string Url => $"http://127.0.0.1:{Port}/";

    internal static async Task<SlowOrigin> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        var configuration = Path.Combine(directory, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            user root;
            pid {{directory}}/pid;
            events {}
            http {
                access_log off;
                server {
                    listen 127.0.0.1:{{Port}};
                    root {{GuestMachine.Blobs}};
                    limit_rate_after 16k;
                    limit_rate 1;
                }
            }
            """);
        var origin = new SlowOrigin(configuration);
        await Bounded.Until("nginx listens", Listens);
        return origin;
    }

    public void Dispose() => _nginx.Dispose();

    private static bool Listens()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
