using System.Text;

namespace CacheFiles.Interop.Tests;

public sealed class ErofsMountTests
{
    // A call of the kernel with it fails with ENOENT: an ArgumentException shows that none was made.
    private const string NoTarget = "/no/such/directory";

    public static TheoryData<string?> BadNames => new("", null, ",", "a,b", "a,fsid=b", "a\0", "\0");

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_name_that_the_options_cannot_carry_is_refused_before_the_kernel_is_asked(string? name)
    {
        Assert.Throws<ArgumentException>("fsid", () => ErofsMount.Mount(NoTarget, name!));
        Assert.Throws<ArgumentException>("devices", () => ErofsMount.Mount(NoTarget, "image", null, "blob", name!));
        Assert.Throws<ArgumentException>("fsid", () => ErofsMount.Commit(name!));
        Assert.Throws<ArgumentException>("devices", () => ErofsMount.Commit("image", null, "blob", name!));
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_domain_that_the_options_cannot_carry_is_refused_before_the_kernel_is_asked(string? name)
    {
        if (name is not null) // null is no domain
            Assert.Throws<ArgumentException>("domainId", () => ErofsMount.Mount(NoTarget, "image", name));
    }

    [Theory]
    [InlineData(252, false)]
    [InlineData(253, true)]
    [InlineData(254, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_name_that_would_stop_the_kernel_is_refused_before_it_is_asked(int bytes, bool refused)
    {
        foreach (var name in new[] { new string('a', bytes), "\u00e9" + new string('a', bytes - 2) })
        {
            // There is no such target, and so nothing reaches cachefiles.
            Exception failure = Record.Exception(() => ErofsMount.Mount(NoTarget, name))!;
            Exception second = Record.Exception(() => ErofsMount.Mount(NoTarget, "image", null, name))!;
            Assert.Equal(refused ? ("fsid", "devices") : (null, null), ((failure as ArgumentException)?.ParamName, (second as ArgumentException)?.ParamName));
            Assert.Equal(!refused, failure is ErrnoException && second is ErrnoException);
        }
    }

    [Fact]
    public void A_target_that_would_be_cut_off_is_refused_before_the_kernel_is_asked()
    {
        Assert.Throws<ArgumentException>("target", () => ErofsMount.Mount(NoTarget + "\0", "image"));
        Assert.Throws<ArgumentException>("target", () => ErofsMount.Unmount(NoTarget + "\0"));
        Assert.Throws<ArgumentNullException>("target", () => ErofsMount.Mount(null!, "image"));
        Assert.Throws<ArgumentNullException>("target", () => ErofsMount.Unmount(null!));
    }

    [Theory]
    [InlineData('a')]
    [InlineData('é')]
    public void Options_that_would_be_cut_off_are_refused_before_the_kernel_is_asked(char letter)
    {
        // The kernel takes a page of UTF-8, the NUL behind the options included.
        var free = Environment.SystemPageSize - 1 - "fsid=image,device=,device=b".Length;
        var bytes = Encoding.UTF8.GetByteCount([letter]);
        var fits = new string(letter, free / bytes) + new string('a', free % bytes);
        Assert.Equal(Errno.ENOENT, Assert.Throws<ErrnoException>(() => ErofsMount.Mount(NoTarget, "image", null, fits, "b")).Errno);
        Assert.Throws<ArgumentException>("devices", () => ErofsMount.Mount(NoTarget, "image", null, fits, "bb"));
    }

    [Fact]
    public void A_missing_target_is_ENOENT_and_the_operation_has_the_options()
    {
        ErrnoException failure = Assert.Throws<ErrnoException>(() => ErofsMount.Mount(NoTarget, "image", "domain", "blob1", "blob2"));
        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Equal($"mount({NoTarget}, fsid=image,domain_id=domain,device=blob1,device=blob2)", failure.Operation);
    }

    [Fact]
    public void A_commit_that_the_kernel_refuses_tells_the_call_and_the_remedy()
    {
        // Without a daemon, with or without the privilege and the file system.
        ErrnoException failure = Assert.Throws<ErrnoException>(() => ErofsMount.Commit("no-such-image"));
        Assert.Matches("^fs(open|config)\\(", failure.Operation);
        Assert.NotNull(failure.Remedy);
    }

    [Fact]
    public void What_is_not_given_is_not_in_the_options()
    {
        ErrnoException failure = Assert.Throws<ErrnoException>(() => ErofsMount.Mount(NoTarget, "image", null, null!));
        Assert.Equal($"mount({NoTarget}, fsid=image)", failure.Operation);
    }

    [Fact]
    public void A_missing_target_of_an_unmount_is_ENOENT()
    {
        ErrnoException failure = Assert.Throws<ErrnoException>(() => ErofsMount.Unmount(NoTarget));
        Assert.Equal((Errno.ENOENT, $"umount({NoTarget})"), (failure.Errno, failure.Operation));
    }
}
