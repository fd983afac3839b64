using static CacheFiles.Interop.Tests.Faults.FaultPlan;

namespace CacheFiles.Interop.Tests.Faults;

public sealed class MountTests
{
    [Fact]
    public void An_image_is_mounted_read_only_as_erofs_with_its_names_in_order() => FaultyLibc.Run(() =>
    {
        const int MS_RDONLY = 1;
        Reset();
        ErofsMount.Mount("/mnt/é", "image", "domain", "blob2", "blob1");
        Assert.Equal($"none /mnt/é erofs {MS_RDONLY} fsid=image,domain_id=domain,device=blob2,device=blob1", Mounted());
        Assert.Equal(1, Count(Call.Mount));
    });

    [Fact]
    public void What_can_be_done_about_a_failed_mount_is_in_its_message() => FaultyLibc.Run(() =>
    {
        Check(Errno.EINVAL, "CONFIG_EROFS_FS_ONDEMAND");
        Check(Errno.ENODEV, "CONFIG_EROFS_FS_ONDEMAND");
        Check(Errno.ENOBUFS, "The daemon refused a blob");
        Check(Errno.EIO, "The daemon refused a blob");
        Check(Errno.EEXIST, "mounted already");
        Check(Errno.EBUSY, "mounted already");
        Check(Errno.EPERM, "CAP_SYS_ADMIN");

        static void Check(Errno error, string words)
        {
            Reset();
            Fail(Call.Mount, error);
            ErrnoException failure = Assert.Throws<ErrnoException>(() => ErofsMount.Mount("/mnt", "image"));
            Assert.Equal(error, failure.Errno);
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void An_image_is_unmounted_without_force() => FaultyLibc.Run(() =>
    {
        Reset();
        ErofsMount.Unmount("/mnt/é");
        Assert.Equal("/mnt/é 0", Mounted());
        Assert.Equal(1, Count(Call.Umount));
    });

    [Fact]
    public void A_mount_in_use_is_EBUSY_and_the_message_says_so() => FaultyLibc.Run(() =>
    {
        Reset();
        Fail(Call.Umount, Errno.EBUSY);
        Assert.Contains("still uses", Assert.Throws<ErrnoException>(() => ErofsMount.Unmount("/mnt")).Message, StringComparison.Ordinal);
        Fail(Call.Umount, Errno.EINVAL);
        Assert.Null(Assert.Throws<ErrnoException>(() => ErofsMount.Unmount("/mnt")).Remedy);
    });
}
