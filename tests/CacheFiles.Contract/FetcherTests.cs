using CacheFiles.Interop;
using CacheFiles.Ondemand;

namespace CacheFiles.Contract;

/// <summary>Whatever a fetcher does, each reader gets its bytes or EIO, and the fault hook hears why.</summary>
public sealed class FetcherTests
{
    private const int Length = 1 << 20, Bad = 65_536;

    [Theory(Timeout = Bounded.Test)]
    [Kernels("throws")]
    [Kernels("throws later")]
    [Kernels("returns nothing")]
    [Kernels("returns short")]
    [Kernels("cancels itself")]
    [Mirrors("lostjeffle 05", "erofs-utils 005")]
    public async Task A_fetch_that_fails_is_EIO_and_a_fault_and_the_next_one_may_succeed(string machine, string how)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        source.InPlaceOfFetch = async (blob, _, writer, cancelled) =>
        {
            if (how == "returns short")
                await BlobSource.DeliverAsync(blob, writer, 100, cancelled);
            if (how == "throws later")
                await Task.Yield();
            return how switch
            {
                "cancels itself" => throw new OperationCanceledException(),
                "throws" or "throws later" => throw new IOException("on purpose"),
                _ => true,
            };
        };
        await mount.FailsToReadAsync(Bad, 4096);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Fetch, image.Name), (fault.Source, fault.Key?.CookieText));
        Assert.NotNull(fault.Exception);
        source.InPlaceOfFetch = null;
        await mount.VerifyAsync(Bad, 65_536);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task More_than_was_asked_for_is_a_fault_and_is_not_written(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        source.InPlaceOfFetch = async (blob, _, writer, cancelled) =>
        {
            await BlobSource.DeliverAsync(blob, writer, writer.Remaining, cancelled);
            await writer.WriteAsync(new byte[1], cancelled);
            return true;
        };
        await mount.VerifyAsync(Bad, 4096);
        Assert.IsType<RangeFetchException>((await daemon.NextFaultAsync()).Exception);
        source.InPlaceOfFetch = null;
        await mount.VerifyAsync(Bad, 65_536);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_fetch_that_never_returns_is_given_up_at_the_deadline_and_cancelled(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source, o => o with { RequestDeadline = TimeSpan.FromSeconds(1), DrainTimeout = TimeSpan.Zero });
        ContractMount mount = await kernel.MountAsync(image);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.InPlaceOfFetch = async (_, _, _, token) =>
        {
            token.Register(() => cancelled.TrySetResult());
            await new TaskCompletionSource().Task;
            return true;
        };
        await mount.FailsToReadAsync(Bad, 4096);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal((FaultSource.Deadline, image.Name), (fault.Source, fault.Key?.CookieText));
        await Bounded.Of(cancelled.Task);
        source.InPlaceOfFetch = null;
        await mount.VerifyAsync(131_072, 4096);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("lostjeffle 05", "erofs-utils 005", "nydus-pr-606")]
    public async Task A_length_that_is_not_to_be_had_refuses_the_mount_and_leaves_no_descriptor(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image) { BeforeOpen = (_, _) => throw new IOException("why") };
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        await kernel.RefusesToMountAsync(image);
        Assert.Equal((FaultSource.Open, "why"), ((await daemon.NextFaultAsync()) is var fault ? fault.Source : default, fault.Exception?.Message));
        await Bounded.Until(() => kernel.OpenDescriptors == 1, "the object's descriptor is closed");
        source.BeforeOpen = null;
        await (await kernel.MountAsync(image)).VerifyAsync(0, 65_536);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task OPEN_CLOSE_and_other_READs_pass_while_a_fetch_is_slow(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image[] images = [ContractKernel.NewImage(Length), ContractKernel.NewImage(100_000)];
        var source = new BlobSource(images);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(images[0]);
        var gate = new Gate();
        source.InPlaceOfFetch = async (blob, range, _, cancelled) =>
        {
            if (blob == images[0].Blobs[0] && range.Offset == Bad)
                await gate.Pass(cancelled);
            return false;
        };
        Task slow = mount.VerifyAsync(Bad, 4096);
        await gate.Reached;
        ContractMount other = await kernel.MountAsync(images[1]);
        await other.VerifyAsync(0, 100_000);
        await other.UnmountAsync();
        await kernel.GetsFileAsync(images[1].Blobs[0]);
        await mount.VerifyAsync(131_072, 65_536);
        Assert.False(slow.IsCompleted);
        gate.Open();
        await Bounded.Of(slow);
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    public async Task A_READ_that_comes_once_more_is_fetched_once(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        var gate = new Gate();
        source.Hold(gate, Bad);
        Task reader = mount.VerifyAsync(Bad, 4096);
        await gate.Reached;
        Assert.Equal(Errno.None, daemon.Device.Command("restore"u8));
        // It comes among these.
        for (var offset = 131_072; offset < 196_608; offset += 4096)
            await mount.VerifyAsync(offset, 4096);
        gate.Open();
        await Bounded.Of(reader);
        Assert.Single(source.Fetches, f => f.Range.Offset == Bad);
        // Its second answer comes too late.
        Assert.All(daemon.Faults, f => Assert.Equal(FaultSource.LateCompletion, f.Source));
        Assert.InRange(daemon.Faults.Count, 0, 1);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("nydus torture read", "lostjeffle stress")]
    public async Task Sixty_four_readers_of_one_blob_get_their_bytes_and_none_is_fetched_twice(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        Random random = Seed.Random();
        long[] offsets = [.. Enumerable.Range(0, 64).Select(_ => random.NextInt64(Length - 65_536))];
        await Task.WhenAll(offsets.Select(offset => mount.VerifyAsync(offset, 65_536)));
        ByteRange before = default;
        foreach (ByteRange range in source.Fetches.Select(f => f.Range).OrderBy(r => r.Offset))
        {
            Assert.True(range.Offset >= before.End, $"{before} and {range} overlap");
            before = range;
        }
        Assert.Empty(daemon.Faults);
    }

    [Theory(Timeout = Bounded.Test)]
    [Kernels]
    [Mirrors("nydus functional test_prefetch", "styx TestPrefetch")]
    public async Task What_is_prefetched_is_there_without_a_READ(string machine)
    {
        await using ContractKernel kernel = Host.Boot(machine);
        Image image = ContractKernel.NewImage(Length);
        var source = new BlobSource(image);
        await using EngineDaemon daemon = EngineDaemon.Start(kernel, source);
        ContractMount mount = await kernel.MountAsync(image);
        await Bounded.Of(daemon.Cache.PrefetchAsync(ContractKernel.KeyOf(image.Blobs[0]), cancellationToken: Bounded.Token));
        source.Fetches.Clear();
        await mount.VerifyAsync(0, Length);
        Assert.Empty(source.Fetches);
        Assert.Empty(daemon.Faults);
    }
}
