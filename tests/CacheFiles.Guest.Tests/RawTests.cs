using CacheFiles.Guest.Tests.Support;
using CacheFiles.Interop;

namespace CacheFiles.Guest.Tests;

/// <summary>The verbs of the device and of the anonymous fd, one by one.</summary>
public class RawTests
{
    private const int LargeFileIsCold = 4 << 20;

    [GuestFact]
    public async Task A_write_that_is_not_aligned_never_reaches_the_kernel()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            Memory<byte> memory = RawObject.AlignedMemory(8192);
            const long Offset = LargeFileIsCold;
            Assert.True(image.Handle.SeekData(Offset) is -1 or > Offset + 8192);

            Assert.Equal("offset", Assert.Throws<ArgumentException>(() => image.Handle.TryWriteAt(memory.Span[..4096], Offset + 512)).ParamName);
            Assert.Equal("data", Assert.Throws<ArgumentException>(() => image.Handle.TryWriteAt(memory.Span[..4000], Offset)).ParamName);
            Assert.Equal("data", Assert.Throws<ArgumentException>(() => image.Handle.TryWriteAt(memory.Span[8..4104], Offset)).ParamName);
            Assert.True(image.Handle.SeekData(Offset) is -1 or > Offset + 8192);

            image.Handle.WriteAt(memory.Span[..4096], Offset);
            Assert.Equal((Offset, Offset + 4096), (image.Handle.SeekData(Offset), image.Handle.SeekHole(Offset)));
            Assert.Equal(image.Length, image.Handle.SeekEnd());
        }
    }

    [GuestFact]
    public async Task Restore_wakes_who_waits_and_brings_an_unanswered_READ_once_more()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            using Child reader = Child.Read(mount.File("large/whole"), LargeFileIsCold, 4096);
            RawRequest read = await device.NextAsync();
            Assert.Null(device.TryTake());
            Task<DevicePollResult> waiting = device.WaitAsync();

            device.Handle.Command("restore");

            Assert.NotEqual(DevicePollResult.None, await waiting);
            Assert.Equal(read, device.TryTake());
            image.Answer(read);
            await device.ServeAsync(image, reader);
        }
    }

    [GuestFact]
    public async Task A_READ_that_waits_while_its_descriptor_is_closed_comes_after_another_OPEN()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            using Child reader = Child.Read(mount.File("large/whole"), LargeFileIsCold, 4096);
            Assert.NotEqual(DevicePollResult.None, await device.WaitAsync());

            image.Handle.Dispose();
            RawObject reopened = device.Accept(await device.NextAsync(), "plain");

            Assert.NotEqual(image.Id, reopened.Id);
            reopened.Answer(await device.NextAsync());
            await device.ServeAsync(reopened, reader);
        }
    }

    [GuestFact]
    public async Task A_READ_that_was_taken_before_its_descriptor_was_closed_comes_again_only_after_restore()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            using Child reader = Child.Read(mount.File("large/whole"), LargeFileIsCold, 4096);
            RawRequest read = await device.NextAsync();
            image.Handle.Dispose();
            Assert.Null(device.TryTake());

            device.Handle.Command("restore");
            RawObject reopened = device.Accept(await device.NextAsync(), "plain");
            RawRequest again = await device.NextAsync();

            Assert.Equal(read with { ObjectId = reopened.Id }, again);
            reopened.Answer(again);
            await device.ServeAsync(reopened, reader);
        }
    }

    [GuestFact]
    public async Task A_READ_that_is_completed_without_data_gives_the_reader_EIO()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            using Child reader = Child.Read(mount.File("large/whole"), LargeFileIsCold, 4096);
            while (!reader.HasExited)
            {
                if (device.TryTake() is { } read)
                    Assert.Equal(Errno.None, image.Handle.TryCompleteRead(read.MessageId));
                else
                    device.Poller.Wait(20);
            }
            Assert.Contains("Input/output error", (await reader.EndAsync()).Error, StringComparison.Ordinal);
        }
    }

    [GuestFact]
    public async Task A_completion_that_nobody_waits_for_is_EINVAL()
    {
        using RawDevice device = RawDevice.Bind();
        (Mount mount, RawObject image) = await device.MountAsync("plain");
        await using (mount)
        {
            Assert.Equal(Errno.EINVAL, image.Handle.TryCompleteRead(12345));
            using Child reader = Child.Read(mount.File("large/whole"), LargeFileIsCold, 4096);
            RawRequest read = await device.NextAsync();

            reader.Signal("KILL");
            await reader.EndAsync();

            Assert.Equal(Errno.EINVAL, image.Handle.TryCompleteRead(read.MessageId));
        }
    }
}
