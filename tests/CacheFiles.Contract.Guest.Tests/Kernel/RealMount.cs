using System.Diagnostics;
using System.Globalization;
using System.Text;
using CacheFiles.Interop;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Contract.Kernel;

/// <summary>An image that the kernel has mounted.</summary>
internal sealed class RealMount : ContractMount, IAsyncDisposable
{
    private readonly string _path;
    private bool _mounted = true;
    private int _readers;

    private RealMount(Image image, string path)
        : base(image) => _path = path;

    internal static async Task<RealMount> OfAsync(Image image, string? domain)
    {
        var target = Directory.CreateTempSubdirectory("mount-").FullName;
        // Names that do not fit into the device table are given to mount(2).
        string[] devices = image.Blobs.All(b => ErofsImage.IsTag(b.Key)) ? [] : [.. image.Blobs.Skip(1).Select(b => Encoding.UTF8.GetString(b.Key))];
        await OnThreadOfItsOwn(() => ErofsMount.Mount(target, image.Name, domain, devices));
        return new RealMount(image, target);
    }

    internal override Task<byte[]> ReadAsync(long offset, int length, int file = 0)
        => CountedAsync(OnThreadOfItsOwn(() => Read(offset, length, file)));

    internal override Task<byte[]> ReadUntilKilledAsync(long offset, int length, CancellationToken kill)
        => CountedAsync(ReadInProcessAsync(offset, length, kill));

    internal override ContractReader OpenReader(int file = 0) => new Reader(File.OpenHandle(PathOf(file)));

    internal override async Task UnmountAsync()
    {
        await OnThreadOfItsOwn(() => ErofsMount.Unmount(_path));
        _mounted = false;
        Directory.Delete(_path);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_mounted)
            return;
        await Bounded.Until(() => Volatile.Read(ref _readers) == 0, "the last reader ends");
        await UnmountAsync();
    }

    private async Task<byte[]> CountedAsync(Task<byte[]> reading)
    {
        Interlocked.Increment(ref _readers);
        try
        {
            return await reading;
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private string PathOf(int file) => Path.Combine(_path, ErofsImage.NameOf(file));

    /// <summary>Reads without read-ahead: POSIX_FADV_RANDOM.</summary>
    private byte[] Read(long offset, int length, int file)
    {
        using SafeFileHandle handle = File.OpenHandle(PathOf(file), options: FileOptions.RandomAccess);
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            var count = ReadSome(handle, bytes.AsSpan(done), offset + done);
            Assert.True(count > 0, $"the file ends at {offset + done}");
            done += count;
        }
        return bytes;
    }

    private static int ReadSome(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (IOException e)
        {
            throw new ErrnoException((Errno)e.HResult, $"pread({destination.Length} bytes at {offset})");
        }
    }

    /// <summary>Reads in a process that can be killed; of a jump in a file the kernel reads no more than was asked either.</summary>
    private async Task<byte[]> ReadInProcessAsync(long offset, int length, CancellationToken kill)
    {
        var start = new ProcessStartInfo("dd", ["if=" + PathOf(0), "status=none", "iflag=skip_bytes", "count=1", $"bs={length}", $"skip={offset}"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        await using (kill.Register(process.Kill))
        {
            var bytes = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(bytes, CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            kill.ThrowIfCancellationRequested();
            return process.ExitCode == 0 ? bytes.ToArray() : throw new ErrnoException(Errno.EIO, string.Create(CultureInfo.InvariantCulture, $"dd at {offset}"));
        }
    }

    private static Task OnThreadOfItsOwn(Action call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> OnThreadOfItsOwn<T>(Func<T> call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class Reader(SafeFileHandle handle) : ContractReader
    {
        private long _position;

        internal override Task<int> ReadAsync(Memory<byte> buffer) => OnThreadOfItsOwn(() =>
        {
            var count = ReadSome(handle, buffer.Span, _position);
            _position += count;
            return count;
        });

        public override void Dispose() => handle.Dispose();
    }
}
