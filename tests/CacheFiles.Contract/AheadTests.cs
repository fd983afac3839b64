using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>What is fetched besides what readers ask for: as much as they are likely to want, and nothing where they jump about.</summary>
public sealed class AheadTests
{
    private const int Step = 512 << 10;
    private const int Length = 8 * Step;
    private const int Piece = 64 << 10;

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public Task Who_jumps_about_gets_what_he_asks_for_and_nothing_more(string machine)
        => ServeAsync(machine, o => o with { MaxReadAheadBytes = 1 << 20 }, async (mount, source) =>
        {
            var mounted = Fetched(source);
            // Every second page lies a little behind another, as it happens by chance.
            for (var at = Step / 2; at < Length; at += Step)
            {
                await mount.VerifyAsync(at, 4096);
                await mount.VerifyAsync(at + (48 << 10), 4096);
            }
            Assert.Equal(2 * 4096 * (Length / Step), Fetched(source) - mounted);
        });

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public Task Readers_that_take_turns_on_one_object_are_each_read_ahead_of(string machine)
        => ServeAsync(machine, o => o with { MaxReadAheadBytes = 1 << 20 }, async (mount, source) =>
        {
            for (var at = 0; at < Length / 4; at += Piece)
            {
                for (var reader = 0; reader < 4; reader++)
                    await mount.VerifyAsync((reader * Length / 4) + at, Piece);
            }
            Assert.Equal(Length, Fetched(source));
            Assert.True(source.Fetches.Count <= Length / Piece / 2, $"{source.Fetches.Count} fetches: nothing was read ahead");
        });

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public Task Who_leaves_a_little_out_again_and_again_is_read_ahead_of(string machine)
        => ServeAsync(machine, o => o with { MaxReadAheadBytes = 1 << 20 }, async (mount, source) =>
        {
            for (var at = Step; at < Length; at += Piece)
                await mount.VerifyAsync(at, Piece - 4096);
            Assert.True(source.Fetches.Count <= Length / Piece / 2, $"{source.Fetches.Count} fetches: nothing was read ahead");
        });

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public Task The_block_around_what_is_asked_for_is_fetched_once(string machine)
        => ServeAsync(machine, o => o with { FetchAroundBytes = Step }, async (mount, source) =>
        {
            await mount.VerifyAsync((3 * Step) + 40_960, 4096);
            await mount.VerifyAsync(3 * Step, Step);
            // The mount has asked for something in the first block.
            await Bounded.Until(() => Fetched(source) == 2 * Step, "both blocks");
        });

    private static long Fetched(BlobSource source) => source.Fetches.Sum(f => f.Range.Length);

    /// <summary>Mounts one image, of which nothing is cached yet, and has it read; the daemon reports no fault.</summary>
    private static async Task ServeAsync(string machine, Func<OndemandOptions, OndemandOptions> configure, Func<ContractMount, BlobSource, Task> read)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source, configure);
        await read(await kernel.MountAsync(image), source);
        Assert.Empty(daemon.Faults);
    }
}
