using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>What runs beside the serving: the control socket, and the port for Prometheus where one is wanted.</summary>
internal sealed class Beside : IAsyncDisposable
{
    private readonly ControlServer _control;
    private readonly PrometheusPort? _port;

    /// <exception cref="IOException">The socket or the port is not to be had.</exception>
    internal Beside(Configuration configuration, OndemandCache cache, MeterStore meters)
    {
        var verbs = new ControlVerbs(cache, meters, configuration);
        _port = configuration.Get(Settings.Port) is { } port ? new PrometheusPort(port, meters) : null;
        try
        {
            _control = new ControlServer(configuration.Get(Settings.Socket), verbs.AnswerAsync, CommandLine.Complain);
        }
        catch
        {
            _port?.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync().ConfigureAwait(false);
        _port?.Dispose();
    }
}
