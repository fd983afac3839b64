using System.Text.Json;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The file that says what is mounted, so that it can be brought back after a reboot. It is always whole: it is written beside, and renamed.</summary>
internal sealed class MountRecord(string path)
{
    private static readonly TimeSpan s_lockTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(20);

    /// <exception cref="InvalidDataException">The file is damaged, or of another version.</exception>
    internal IReadOnlyList<MountEntry> Read()
    {
        try
        {
            MountList? list = JsonSerializer.Deserialize(File.ReadAllBytes(path), MountJson.Default.MountList);
            return list is { Version: MountList.CurrentVersion, Mounts: not null } && list.Mounts.All(m => m is { Target: not null, Fsid: not null, Devices: not null })
                ? list.Mounts
                : throw new InvalidDataException($"{path} is no record of mounts of version {MountList.CurrentVersion}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no record of mounts: {e.Message}", e);
        }
    }

    /// <summary>Puts a mount in, in the place of one with the same target.</summary>
    internal Task AddAsync(MountEntry entry) => ChangeAsync(mounts => [.. mounts.Where(m => m.Target != entry.Target), entry]);

    /// <summary>Takes a mount out, if it is there.</summary>
    internal Task RemoveAsync(string target) => ChangeAsync(mounts => [.. mounts.Where(m => m.Target != target)]);

    private async Task ChangeAsync(Func<IReadOnlyList<MountEntry>, IReadOnlyList<MountEntry>> change)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using FileStream held = await LockAsync().ConfigureAwait(false);
        var list = new MountList(MountList.CurrentVersion, change(Read()));
        var beside = path + ".new";
        await using var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
        await JsonSerializer.SerializeAsync(file, list, MountJson.Default.MountList).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
        File.Move(beside, path, overwrite: true);
        // Once more: a file system with a journal writes the new name with it, and .NET cannot sync a directory.
        file.Flush(flushToDisk: true);
    }

    /// <summary>Keeps others out that change it at the same time.</summary>
    private async Task<FileStream> LockAsync()
    {
        var end = Environment.TickCount64 + (long)s_lockTime.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 < end)
            {
                await Task.Delay(s_beat).ConfigureAwait(false);
            }
        }
    }
}
