using System.IO.Compression;

namespace CacheFiles.Ondemand.Internal;

/// <summary>The files by which a machine tells about itself, below a root that is not the real one in tests.</summary>
internal sealed class Machine(string root)
{
    private readonly Dictionary<string, IReadOnlyList<string>?> _read = [];

    /// <summary>The release of the running kernel, as in <c>uname -r</c>.</summary>
    internal string Release => Lines("/proc/sys/kernel/osrelease") is [var release, ..] ? release.Trim() : "";

    /// <summary>The number that the release begins with; null where it has none.</summary>
    internal Version? KernelVersion
    {
        get
        {
            var digits = new string([.. Release.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).TrimEnd('.');
            return Version.TryParse(digits.Contains('.', StringComparison.Ordinal) ? digits : digits + ".0", out Version? version) ? version : null;
        }
    }

    internal string PathOf(string path) => Path.Join(root, path);

    internal bool Exists(string path) => Path.Exists(PathOf(path));

    /// <summary>Where a directory really is: without symbolic links in its path.</summary>
    internal string Resolve(string directory)
    {
        var path = root.TrimEnd('/');
        var above = path.Length;
        foreach (var name in Path.GetFullPath(directory).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = $"{path}/{name}";
            path = Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        return Path.TrimEndingDirectorySeparator($"/{path[above..].TrimStart('/')}");
    }

    /// <summary>Whether this process must not even see whether there is such a file.</summary>
    internal bool IsHidden(string path)
    {
        try
        {
            _ = File.GetAttributes(PathOf(path));
            return false;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The lines of a file, unpacked where it is a .gz; null where it cannot be read.</summary>
    internal IReadOnlyList<string>? Lines(string path)
    {
        if (_read.TryGetValue(path, out IReadOnlyList<string>? known))
            return known;
        try
        {
            using Stream file = File.OpenRead(PathOf(path));
            using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(text);
            var lines = new List<string>();
            while (reader.ReadLine() is { } line)
                lines.Add(line);
            return _read[path] = lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return _read[path] = null;
        }
    }

    /// <summary>Whether a module is in the kernel: loaded or built in.</summary>
    internal bool HasModule(string name) => Exists($"/sys/module/{name}") || Names("modules.builtin", name) == true;

    /// <summary>Whether a module could be loaded; null where the list of modules cannot be read, as in most containers.</summary>
    internal bool? CanLoad(string name) => Names("modules.dep", name);

    /// <summary>Whether the running kernel has a function; null where that cannot be seen.</summary>
    internal bool? HasFunction(string name)
        => Lines("/proc/kallsyms") is { Count: > 0 } symbols ? symbols.Any(s => s.AsSpan().Contains($" {name}", StringComparison.Ordinal)) : null;

    /// <summary>The value of a build option of the running kernel, "n" where it is not set; null where the configuration cannot be found.</summary>
    internal string? BuildOption(string name)
    {
        IReadOnlyList<string>? lines = Lines("/proc/config.gz") ?? Lines($"/boot/config-{Release}") ?? Lines($"/lib/modules/{Release}/config");
        if (lines is null)
            return null;
        return lines.FirstOrDefault(l => l.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "n";
    }

    private bool? Names(string list, string module)
        => Lines($"/lib/modules/{Release}/{list}")?.Any(l => l.Split(':')[0].Contains($"/{module}.ko", StringComparison.Ordinal));
}
