using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

public sealed class MountRecordTests : IDisposable
{
    private static readonly MountEntry s_first = new("/mnt/with space", "first", "shop", ["common", "more"]);
    private static readonly MountEntry s_second = new("/mnt/second", "second", null, []);
    private readonly string _directory = Directory.CreateTempSubdirectory("record").FullName;

    private string RecordPath => Path.Combine(_directory, "below", "mounts.json");

    private MountRecord Record => new(RecordPath);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_is_put_in_is_there_until_it_is_taken_out()
    {
        Assert.Empty(Record.Read());
        await Record.AddAsync(s_first);
        await Record.AddAsync(s_second);
        Same([s_first, s_second]);
        MountEntry changed = s_first with { Fsid = "newer", Domain = null };
        await Record.AddAsync(changed);
        Same([s_second, changed]);
        await Record.RemoveAsync(s_second.Target);
        await Record.RemoveAsync("/mnt/never");
        Same([changed]);
        Assert.Equal(["mounts.json", "mounts.json.lock"], Directory.GetFiles(Path.GetDirectoryName(RecordPath)!).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Changes_at_the_same_time_do_not_undo_each_other()
    {
        string[] targets = [.. Enumerable.Range(0, 16).Select(n => $"/mnt/{n}")];
        await Task.WhenAll(targets.Select(t => Task.Run(() => Record.AddAsync(s_second with { Target = t }))));
        Assert.Equal(targets.Order(), Record.Read().Select(m => m.Target).Order());
    }

    [Fact]
    public async Task What_a_power_cut_left_beside_it_is_not_read()
    {
        await Record.AddAsync(s_second);
        await File.WriteAllTextAsync(RecordPath + ".new", "{\"version", TestContext.Current.CancellationToken);
        Same([s_second]);
        await Record.AddAsync(s_first);
        Same([s_second, s_first]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"mounts":[]}""")]
    [InlineData("""{"version":1,"mounts":[{"fsid":"a","devices":[]}]}""")]
    [InlineData("""{"version":1,"mounts":[{"target":"/mnt","fsid":"a"}]}""")]
    [InlineData("""{"version":1,"mounts":[null]}""")]
    public async Task A_file_that_is_no_record_is_told_of_and_left_alone(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(RecordPath)!);
        await File.WriteAllTextAsync(RecordPath, content, TestContext.Current.CancellationToken);
        Assert.Contains(RecordPath, Assert.Throws<InvalidDataException>(() => Record.Read()).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => Record.AddAsync(s_first));
        Assert.Equal(content, await File.ReadAllTextAsync(RecordPath, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/mnt/one", true)]
    [InlineData("/mnt/two with space", true)]
    [InlineData("/mnt/three", false)]
    [InlineData("/mnt", false)]
    public void A_mount_is_found_among_those_of_the_process(string target, bool there)
        => Assert.Equal(there, MountTable.HasErofs(target, [
            "36 35 0:30 / /mnt/one ro,relatime shared:1 - erofs none ro,fsid=one",
            @"37 35 0:31 / /mnt/two\040with\040space ro,relatime - erofs none ro,fsid=two",
            "38 35 0:32 / /mnt/three rw - tmpfs none rw",
        ]));

    private void Same(MountEntry[] expected)
        => Assert.Equal(expected.Select(Text), Record.Read().Select(Text));

    private static string Text(MountEntry m) => $"{m.Target} {m.Fsid} {m.Domain} {string.Join(',', m.Devices)}";
}
