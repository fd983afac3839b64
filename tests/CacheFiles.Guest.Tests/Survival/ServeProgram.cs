using System.Diagnostics;
using System.Runtime.InteropServices;
using CacheFiles.Ondemand;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A daemon that tells a test what it does: <c>serve KEY=VALUE...</c>. What it prints is for <see cref="DaemonLog"/>.</summary>
internal static class ServeProgram
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(10);

    internal static async Task<int> RunAsync(string[] arguments)
    {
        Console.WriteLine($"begun {Environment.ProcessId}");
        var settings = new Dictionary<string, string>();
        foreach (var setting in arguments.Select(a => a.Split('=', 2)))
            settings[setting[0]] = setting[1];
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        var options = new OndemandOptions
        {
            CacheDirectory = settings["cache"],
            Tag = settings.GetValueOrDefault("tag"),
            MaxReadAheadBytes = long.Parse(settings.GetValueOrDefault("ahead", "0"), null),
            OnFault = fault => Console.WriteLine($"fault {fault.ToString().ReplaceLineEndings(" ")}"),
        };
        try
        {
            await using OndemandCache cache = settings["keeper"] switch
            {
                "none" => OndemandCache.Bind(options),
                "systemd" => await OndemandCache.BindOrAdoptAsync(options, new SystemdKeeper(), stop.Token),
                "parent" => await OndemandCache.BindOrAdoptAsync(options, new InheritedKeeper(), stop.Token),
                var path => await OndemandCache.BindOrAdoptAsync(options, new SupervisorKeeper(path), stop.Token),
            };
            if (settings.ContainsKey("crash"))
                Process.GetCurrentProcess().Kill();
            using var files = new FileRangeFetcher(settings["source"]);
            var fetcher = new TellingFetcher(files, TimeSpan.FromMilliseconds(int.Parse(settings.GetValueOrDefault("delay", "0"), null)));
            if (settings.TryGetValue("prefetch", out var name))
                fetcher.Opened = key => _ = PrefetchOnceAsync(cache, key, name, settings["cache"] + ".begun");
            Console.WriteLine($"ready {Environment.ProcessId}");
            await cache.ServeAsync(fetcher, stop.Token);
            return 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Console.WriteLine($"refused {e.Message.ReplaceLineEndings(" ")}");
            return 2;
        }
    }

    /// <summary>The first of all daemons begins; the next ones are to go on by themselves.</summary>
    private static async Task PrefetchOnceAsync(OndemandCache cache, ObjectKey key, string name, string marker)
    {
        if (key.CookieText != name)
            return;
        try
        {
            new FileStream(marker, FileMode.CreateNew).Dispose();
        }
        catch (IOException)
        {
            return;
        }
        while (true)
        {
            try
            {
                await cache.PrefetchAsync(key, new PrefetchOptions { MaxConcurrentPieces = 1, Progress = new Teller() });
                return;
            }
            catch (InvalidOperationException)
            {
                // Its OPEN is not answered yet.
                await Task.Delay(s_beat);
            }
        }
    }

    private sealed class Teller : IProgress<PrefetchProgress>
    {
        public void Report(PrefetchProgress value) => Console.WriteLine($"prefetched {value.BytesDone}");
    }

    private sealed class TellingFetcher(FileRangeFetcher files, TimeSpan delay) : IRangeFetcher
    {
        internal Action<ObjectKey>? Opened { get; set; }

        public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            Console.WriteLine($"opened {key.CookieText}");
            Opened?.Invoke(key);
            return files.GetLengthAsync(key, cancellationToken);
        }

        public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, cancellationToken);
            await files.FetchAsync(key, range, writer, cancellationToken);
            // What is told of is in the cache.
            Console.WriteLine($"fetched {key.CookieText} {range.Offset} {range.Length}");
        }

        public void ObjectClosed(ObjectKey key) => files.ObjectClosed(key);
    }
}
