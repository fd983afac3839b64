using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CacheFiles.Interop.Tests.Files;

/// <summary>A cache's files are listed by the bytes of their names, with what culling has to know.</summary>
public sealed class CacheTreeTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cachefiles-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Files_directories_and_links_are_told_apart()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "file"), "");
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "directory"));
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "link"), "file");
        Assert.Equal(
            [("directory", false, true), ("file", true, false), ("link", false, false)],
            List().OrderBy(Name, StringComparer.Ordinal).Select(e => (Name(e), e.IsFile, e.IsDirectory)));
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_keeps_its_bytes()
    {
        Shell("touch $'\\377\\001'");
        Assert.Equal([0xFF, 0x01], Assert.Single(List()).Name.ToArray());
        // .NET could not remove it.
        Shell("rm $'\\377\\001'");
    }

    [Fact]
    public void Holes_take_no_bytes()
    {
        using (FileStream file = File.Create(Path.Combine(_directory.FullName, "sparse")))
        {
            file.SetLength(1 << 20);
            file.Position = 1 << 19;
            file.Write(new byte[4096]);
        }
        Assert.InRange(Assert.Single(List()).AllocatedBytes, 4096, 65_536);
    }

    [Fact]
    public void A_file_was_used_when_it_was_accessed_or_changed_last()
    {
        var path = Path.Combine(_directory.FullName, "file");
        DateTime before = DateTime.UtcNow.AddSeconds(-2);
        File.WriteAllText(path, "x");
        // The change time cannot be set: it is now.
        File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddYears(-1));
        Assert.InRange(Assert.Single(List()).LastUsed, before, DateTime.UtcNow.AddSeconds(2));
        DateTime later = DateTime.UtcNow.AddHours(1);
        File.SetLastAccessTimeUtc(path, later);
        Assert.Equal(later, Assert.Single(List()).LastUsed, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_touch_makes_the_access_time_now()
    {
        var path = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(path, "x");
        File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddYears(-1));
        DateTime modified = File.GetLastWriteTimeUtc(path);
        Assert.Equal(Errno.None, CacheTree.TryTouch(Encoding.UTF8.GetBytes(path)));
        Assert.Equal(DateTime.UtcNow, File.GetLastAccessTimeUtc(path), TimeSpan.FromMinutes(1));
        Assert.Equal(modified, File.GetLastWriteTimeUtc(path));
    }

    [Fact]
    public void What_is_not_there_is_ENOENT()
    {
        Assert.Equal(Errno.ENOENT, CacheTree.TryList(Bytes("nothing"), out List<CacheEntry> entries));
        Assert.Empty(entries);
        Assert.Equal(Errno.ENOENT, CacheTree.TryTouch(Bytes("nothing")));
    }

    [Fact]
    public void A_file_is_no_directory()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "file"), "");
        Assert.Equal(Errno.ENOTDIR, CacheTree.TryList(Bytes("file"), out _));
    }

    [Fact]
    public void No_descriptor_stays_open()
    {
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 100; i++)
            List();
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 50);
    }

    [Fact]
    public void The_space_of_a_file_system_is_what_stat_says()
    {
        var numbers = Shell("stat -f -c '%S %b %c' .").Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var space = FileSystemSpace.Of(_directory.FullName);
        Assert.Equal(numbers[0] * numbers[1], space.TotalBytes);
        Assert.Equal(numbers[2], space.TotalFiles);
        Assert.InRange(space.FreeBytes, 0, space.TotalBytes);
        Assert.InRange(space.FreeFiles, 0, space.TotalFiles);
    }

    [Fact]
    public void The_space_of_nothing_is_ENOENT()
        => Assert.Equal(Errno.ENOENT, Assert.Throws<ErrnoException>(() => FileSystemSpace.Of("/nothing-of-that-name")).Errno);

    private static string Name(CacheEntry entry) => Encoding.UTF8.GetString(entry.Name.ToArray());

    private byte[] Bytes(string name) => Encoding.UTF8.GetBytes(Path.Combine(_directory.FullName, name));

    private List<CacheEntry> List()
    {
        Assert.Equal(Errno.None, CacheTree.TryList(Encoding.UTF8.GetBytes(_directory.FullName), out List<CacheEntry> entries));
        return entries;
    }

    private string Shell(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _directory.FullName, RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return output.Trim();
    }
}
