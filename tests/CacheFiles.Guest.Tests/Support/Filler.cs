using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>A file that takes what is free of the disk of the caches.</summary>
internal sealed class Filler : IDisposable
{
    // While others write, what is free a moment before may not be there any more: less and less is tried.
    private const string Script = """
        at=$(stat -c %s "$0")
        for mib in $((($1 >> 20) - 64)) 16 4 1; do
            while ((mib > 0)) && fallocate --offset "$at" --length $((mib << 20)) "$0" 2>/dev/null; do at=$((at + (mib << 20))); done
        done
        dd if=/dev/zero of="$0" bs=64k oflag=append conv=notrunc status=none
        """;

    private readonly string _path = $"/cache/filler-{Guid.NewGuid():N}";

    internal static FileSystemSpace Space => FileSystemSpace.Of("/cache");

    /// <summary>Fills the disk, with what is kept for root, up to a rest.</summary>
    internal async Task LeaveFreeAsync(long bytes)
    {
        using (File.AppendText(_path))
        {
        }
        using Child fill = Child.Start("bash", "-c", Script, _path, $"{Space.FreeBytes}");
        Assert.Contains("No space left", (await fill.EndAsync()).Error, StringComparison.Ordinal);
        using FileStream filler = new(_path, FileMode.Open);
        filler.SetLength(filler.Length - bytes);
    }

    /// <summary>There is room again.</summary>
    internal void Remove() => File.Delete(_path);

    public void Dispose() => Remove();
}
