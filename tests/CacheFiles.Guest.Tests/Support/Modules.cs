namespace CacheFiles.Guest.Tests.Support;

/// <summary>Takes the kernel's modules away until the test is over.</summary>
internal sealed class Modules : IAsyncDisposable
{
    /// <summary>Debian's own modules, which have no on-demand mode.</summary>
    private const string Stock = "/usr/lib/modules/stock";

    private static readonly string[] s_names = ["erofs", "cachefiles"];

    private Modules()
    {
    }

    internal static async Task<Modules> UnloadAsync()
    {
        await Bounded.Until("nobody uses the modules", () => s_names.All(name => File.ReadAllText($"/sys/module/{name}/refcnt").Trim() == "0"));
        await Child.SucceedAsync("/", "rmmod", s_names);
        return new Modules();
    }

    /// <summary>Loads modules that were built without the mode.</summary>
    internal static async Task<Modules> WithoutModeAsync()
    {
        Modules modules = await UnloadAsync();
        foreach (var name in s_names)
            await Child.SucceedAsync("/", "insmod", Directory.GetFiles(Stock, $"{name}.ko*").Single());
        return modules;
    }

    public async ValueTask DisposeAsync()
    {
        string[] loaded = [.. s_names.Where(name => Directory.Exists($"/sys/module/{name}"))];
        if (loaded.Length > 0)
            await Child.SucceedAsync("/", "rmmod", loaded);
        await Child.SucceedAsync("/", "modprobe", ["-a", .. s_names]);
    }
}
