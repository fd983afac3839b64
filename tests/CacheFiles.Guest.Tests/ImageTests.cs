using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests;

/// <summary>Whole images, compared with the trees that they were made of.</summary>
public class ImageTests
{
    private const int Seed = 20261;

    [GuestTheory]
    [InlineData("sequential")]
    [InlineData("shuffled")]
    [InlineData("parallel")]
    [InlineData("mapped")]
    public async Task Every_byte_of_an_uncompressed_image_is_right_however_it_is_read(string how)
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");

        await ImageCheck.SumsAsync("plain", mount, how, Seed);

        Assert.Equal(["erofs,plain/plain"], daemon.Fetcher.Opens.Select(k => k.ToString()));
        daemon.Fetcher.AssertNothingTwice("plain");
        Assert.True(daemon.Fetcher.BytesOf("plain") >= ImageCheck.BytesOfFiles("plain"), "fewer bytes were fetched than the files have");
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task A_mounted_tree_has_the_names_links_modes_sizes_and_attributes_of_its_source()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("plain");

        await ImageCheck.ListAsync("plain", mount);
    }

    [GuestFact]
    public async Task Two_images_of_one_domain_are_mounted_side_by_side_over_one_blob_that_is_opened_once()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount first = await Mount.OfAsync("first", "dom", "common");
        await using Mount second = await Mount.OfAsync("second", "dom", "common");

        await Task.WhenAll(ImageCheck.SumsAsync("first", first), ImageCheck.SumsAsync("second", second));
        await ImageCheck.ListAsync("first", first);
        await ImageCheck.ListAsync("second", second);

        Assert.Equal(["erofs,dom/common", "erofs,dom/first", "erofs,dom/second"], daemon.Fetcher.Opens.Select(k => k.ToString()).Order());
        foreach (var blob in new[] { "first", "second", "common" })
            daemon.Fetcher.AssertNothingTwice(blob);
        Assert.Empty(daemon.Faults);
    }

    [GuestFact]
    public async Task A_chunked_image_needs_no_domain()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("second", domain: null, "common");

        await ImageCheck.SumsAsync("second", mount);

        Assert.Equal(["erofs,second/common", "erofs,second/second"], daemon.Fetcher.Opens.Select(k => k.ToString()).Order());
    }

    [GuestFact]
    public async Task An_image_cannot_be_mounted_twice_in_one_domain()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using Mount mount = await Mount.OfAsync("first", "dom", "common");

        ErrnoException refused = await Mount.FailAsync("first", "dom", "common");

        Assert.Equal(Errno.EEXIST, refused.Errno);
        await ImageCheck.FileAsync("first", mount, "base/big");
    }

    [GuestFact]
    public async Task What_was_read_once_is_not_asked_for_after_the_image_is_mounted_anew()
    {
        await using TestDaemon daemon = TestDaemon.Start();
        await using (Mount mount = await Mount.OfAsync("plain"))
            await ImageCheck.SumsAsync("plain", mount);
        daemon.Fetcher.Fetches.Clear();

        await using Mount again = await Mount.OfAsync("plain");
        await ImageCheck.SumsAsync("plain", again);

        Assert.Equal(2, daemon.Fetcher.Opens.Count);
        Assert.Empty(daemon.Fetcher.Fetches);
    }
}
