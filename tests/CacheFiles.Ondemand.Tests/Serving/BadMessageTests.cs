using System.Buffers.Binary;
using CacheFiles.Interop;
using CacheFiles.Ondemand.Testing;
using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Serving;

/// <summary>A message in which a field lies is reported, whoever waits for it is released, and the daemon goes on.</summary>
public sealed class BadMessageTests
{
    private const int OpcodeAt = 4, LengthAt = 8, ObjectAt = 12, OffsetAt = 16, CountAt = 24, VolumeSizeAt = 16, CookieSizeAt = 20;
    private readonly SimulatedKernel _kernel = new();

    [Theory(Timeout = Bounded.Test)]
    [InlineData(VolumeSizeAt, 0xffffffff)]
    [InlineData(VolumeSizeAt, 0x80000000)]
    [InlineData(VolumeSizeAt, 1000)]
    [InlineData(CookieSizeAt, 0xffffffff)]
    [InlineData(CookieSizeAt, 19)]
    [InlineData(LengthAt, 0)]
    [InlineData(LengthAt, 15)]
    [InlineData(LengthAt, 31)]
    [InlineData(LengthAt, 1025)]
    [InlineData(LengthAt, 0xffffffff)]
    public async Task An_OPEN_that_lies_fails_its_mount(int at, uint value)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 8192));
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_OPEN, at, value);
        await Kernels.Fails(Errno.ENOBUFS, () => _kernel.Mount());
        Assert.Equal(FaultSource.Message, (await daemon.NextFaultAsync()).Source);
        await Bounded.Until(() => _kernel.OpenDescriptors == 1, "its descriptor is closed");
        await (await _kernel.Mount()).Verify(0, 8192);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(LengthAt, 31, FaultSource.Message)]
    [InlineData(LengthAt, 33, FaultSource.Message)]
    [InlineData(OffsetAt + 4, 0x80000000, FaultSource.Message)]
    [InlineData(CountAt + 4, 0xffffffff, FaultSource.Message)]
    [InlineData(ObjectAt, 77, FaultSource.UnknownObject)]
    public async Task A_READ_that_lies_is_released(int at, uint value, FaultSource source)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await _kernel.Mount();
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_READ, at, value);
        // The kernel asks once more, alone, and that is answered.
        await mount.Verify(65_536, 8192);
        Assert.Equal(source, (await daemon.NextFaultAsync()).Source);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(OffsetAt, 0xffffffff)]
    [InlineData(CountAt, 0)]
    [InlineData(CountAt, 1)]
    [InlineData(CountAt + 4, 0x7fffffff)]
    public async Task A_READ_of_something_else_is_answered_for_what_it_says(int at, uint value)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await _kernel.Mount();
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_READ, at, value);
        await mount.Verify(65_536, 8192);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(0x10_0000)]
    [InlineData(0x7fff_ffff)]
    public async Task A_READ_behind_the_end_makes_nothing_be_fetched(uint offset)
    {
        var source = new MemorySource("image", 1 << 20);
        await using Daemon daemon = Daemon.Start(_kernel, source, Daemon.Options with { MaxReadAheadBytes = 1 << 20 });
        SimulatedMount mount = await _kernel.Mount();
        await mount.Verify(983_040, 4096);
        var fetches = source.Fetches.Count;
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_READ, OffsetAt, offset);
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 524_288, 4096, kill.Token);
        Assert.Equal(FaultSource.Message, (await daemon.NextFaultAsync()).Source);
        // Asked once more, alone, it is answered.
        await reader;
        Assert.Equal(fetches + 1, source.Fetches.Count);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task An_OPEN_without_a_descriptor_closes_nothing()
    {
        var source = new MemorySource("image", 1 << 20);
        await using Daemon daemon = Daemon.Start(_kernel, source);
        SimulatedMount mount = await _kernel.Mount();
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_READ, OpcodeAt, CacheFilesUapi.CACHEFILES_OP_OPEN, offset: 0);
        using var kill = new CancellationTokenSource();
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 4096, kill.Token);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Contains("no descriptor", fault.Message, StringComparison.Ordinal);
        await mount.Verify(131_072, 4096);
        Assert.Empty(source.Closed);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
    }

    [Theory(Timeout = Bounded.Test)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    public async Task A_message_that_is_cut_off_does_not_end_the_daemon(int length)
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        var once = 0;
        _kernel.Tamper = (Span<byte> message, ref int l) => l = Interlocked.Exchange(ref once, 1) == 0 ? length : l;
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 4096, kill.Token);
        if (length > 0)
            Assert.Equal(FaultSource.Message, (await daemon.NextFaultAsync()).Source);
        else
            await _kernel.HasTaken(reads: 2);
        await mount.Verify(131_072, 4096);
        await kill.CancelAsync();
        await Task.WhenAny(reader);
    }

    [Fact(Timeout = Bounded.Test)]
    public async Task An_unknown_kind_of_message_is_reported()
    {
        await using Daemon daemon = Daemon.Start(_kernel, new MemorySource("image", 1 << 20));
        SimulatedMount mount = await _kernel.Mount();
        using var kill = new CancellationTokenSource();
        TamperOnce(CacheFilesUapi.CACHEFILES_OP_READ, OpcodeAt, 3);
        Task<byte[]> reader = mount.ReadAsync("image", 65_536, 4096, kill.Token);
        OndemandFault fault = await daemon.NextFaultAsync();
        Assert.Equal(FaultSource.Message, fault.Source);
        Assert.Contains("unknown kind 3", fault.Message, StringComparison.Ordinal);
        await mount.Verify(131_072, 4096);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
    }

    /// <param name="opcode">Of the message that is changed.</param>
    /// <param name="at">Where.</param>
    /// <param name="value">What is there then.</param>
    /// <param name="offset">What a READ asks for then, which an OPEN would say of the sizes of its keys.</param>
    private void TamperOnce(uint opcode, int at, uint value, ulong? offset = null)
    {
        var done = 0;
        _kernel.Tamper = (Span<byte> message, ref int _) =>
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(message[OpcodeAt..]) == opcode && Interlocked.Exchange(ref done, 1) == 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(message[at..], value);
                if (offset is not null)
                    BinaryPrimitives.WriteUInt64LittleEndian(message[OffsetAt..], offset.Value);
            }
        };
    }
}
