using System.Net;
using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Shows the measurements at <c>http://127.0.0.1:PORT/metrics</c>.</summary>
internal sealed class PrometheusPort : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly MeterStore _meters;

    /// <exception cref="IOException">The port is not to be had.</exception>
    internal PrometheusPort(int port, MeterStore meters)
    {
        _meters = meters;
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        try
        {
            _listener.Start();
        }
        catch (HttpListenerException e)
        {
            throw new IOException($"[{Settings.Port.Section}] {Settings.Port.Name} = {port} cannot be listened on: {e.Message}", e);
        }
        _ = RunAsync();
    }

    public void Dispose() => _listener.Close();

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                await AnswerAsync(context).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (HttpListenerException) when (!_listener.IsListening)
            {
                return;
            }
            catch (Exception e) when (e is HttpListenerException or IOException or InvalidOperationException)
            {
                // Whoever asked is gone.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using HttpListenerResponse response = context.Response;
        if (context.Request.HttpMethod != "GET")
            response.StatusCode = (int)HttpStatusCode.MethodNotAllowed;
        else if (context.Request.Url?.AbsolutePath != "/metrics")
            response.StatusCode = (int)HttpStatusCode.NotFound;
        else
        {
            response.ContentType = PrometheusText.ContentType;
            await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(PrometheusText.Write(_meters.Collect()))).ConfigureAwait(false);
        }
    }
}
