using CacheFiles.Ondemand;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The source of the configuration, and what it holds.</summary>
internal sealed class BlobSource : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <exception cref="ConfigurationException">The addresses do not go together.</exception>
    internal BlobSource(Configuration configuration)
    {
        IReadOnlyList<SourceAddress> from = configuration.All(Settings.From);
        Fetcher = from switch
        {
            [{ Directory: { } directory }] => Own(new FileRangeFetcher(directory)),
            _ when from.All(a => a.Url is not null) => new HttpRangeFetcher(
                Own(Origin.NewClient()),
                from.Select(a => a.Url!),
                configuration.ToHttpOptions()),
            _ => throw new ConfigurationException($"[{Settings.From.Section}] {Settings.From.Name} is there several times: give one directory, or only URLs"),
        };
        if (configuration.Get(Settings.Digests) is { } digests)
            Fetcher = new VerifyingRangeFetcher(Fetcher, new DigestDirectory(digests).Find);
    }

    internal IRangeFetcher Fetcher { get; }

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
