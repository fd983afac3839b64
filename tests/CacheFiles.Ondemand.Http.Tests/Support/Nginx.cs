using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>nginx on loopback, with a configuration and a directory of its own.</summary>
public sealed class Nginx : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("nginx");
    private Process? _process;
    private int _port;
    private int _port2;

    /// <summary>Where the files are that it serves.</summary>
    public string Root => Path.Combine(_directory.FullName, "files");

    /// <summary>A place of the server, by HTTP/1.1 or by HTTP/2 without TLS.</summary>
    public Uri Place(string path, bool http2 = false) => new($"http://127.0.0.1:{(http2 ? _port2 : _port)}/{path}/");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Root);
        // Another process may take a port between its choice and its use.
        for (var attempt = 1; !await TryStartAsync(); attempt++)
            Assert.True(attempt < 5, $"nginx does not start:\n{await File.ReadAllTextAsync(ErrorLog)}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>Kills it, with all its connections, and starts it again at the same place.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Assert.True(await ListensAsync(), $"nginx does not start again:\n{await File.ReadAllTextAsync(ErrorLog)}");
    }

    private string ConfigurationFile => Path.Combine(_directory.FullName, "nginx.conf");

    private string ErrorLog => Path.Combine(_directory.FullName, "error.log");

    private async Task<bool> TryStartAsync()
    {
        (_port, _port2) = (FreePort(), FreePort());
        await File.WriteAllTextAsync(ConfigurationFile, Configuration());
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "users"), "reader:{PLAIN}password\n");
        if (await ListensAsync())
            return true;
        await StopAsync();
        return false;
    }

    private async Task<bool> ListensAsync()
    {
        _process = Start();
        // Nothing signals that it listens.
        for (var deadline = Stopwatch.StartNew(); !_process.HasExited && deadline.Elapsed < TimeSpan.FromSeconds(20); await Task.Delay(20))
        {
            if (await AcceptsAsync(_port) && await AcceptsAsync(_port2))
                return true;
        }
        return false;
    }

    private async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    private Process Start()
    {
        try
        {
            // Debian has it where only root's PATH looks.
            var program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
            return Process.Start(new ProcessStartInfo(program, ["-p", _directory.FullName, "-c", ConfigurationFile, "-e", ErrorLog]))!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("These tests need nginx: install the package nginx (apt-get install nginx).", e);
        }
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Configuration() => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        master_process off;
        pid {{_directory.FullName}}/nginx.pid;
        error_log {{ErrorLog}};
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path {{_directory.FullName}}/body;
            proxy_temp_path {{_directory.FullName}}/proxy;
            fastcgi_temp_path {{_directory.FullName}}/fastcgi;
            uwsgi_temp_path {{_directory.FullName}}/uwsgi;
            scgi_temp_path {{_directory.FullName}}/scgi;
            keepalive_requests 100000;
            http2_max_concurrent_streams 512;
            gzip on;
            gzip_types *;
            gzip_min_length 1;
            server {
                listen 127.0.0.1:{{_port}};
                listen 127.0.0.1:{{_port2}} http2;
                root {{Root}};
                location /files/    { alias {{Root}}/; }
                location /dated/    { alias {{Root}}/; etag off; }
                location /nameless/ { alias {{Root}}/; etag off; add_header Last-Modified ""; }
                location /whole/    { alias {{Root}}/; max_ranges 0; }
                location /gets/     { alias {{Root}}/; if ($request_method = HEAD) { return 405; } }
                location /private/  { alias {{Root}}/; auth_basic images; auth_basic_user_file {{_directory.FullName}}/users; }
                location /moved/    { return 302 /files/$uri_name; }
                location /busy/     { add_header Retry-After 3600 always; return 503; }
            }
            map $uri $uri_name { ~^/moved/(?<name>.*)$ $name; }
        }
        """;
}
