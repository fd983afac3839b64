using CacheFiles.Interop.Tests.Support;
using static CacheFiles.Interop.Tests.Faults.FaultPlan;

namespace CacheFiles.Interop.Tests.Faults;

public sealed class ShortWriteTests
{
    // Everything in pages of this machine.
    private static readonly int s_page = ObjectHandle.OffsetAlignment;

    [Fact]
    public void A_write_cut_short_at_a_page_goes_on_there() => FaultyLibc.Run(() =>
    {
        using var target = new Target(pages: 4);
        Shorten(Call.PWrite, s_page);
        Shorten(Call.PWrite, 2 * s_page);
        target.AssertWritten([(0, 4), (1, 3), (3, 1)]);
    });

    [Fact]
    public void A_write_cut_short_within_a_page_goes_on_at_the_start_of_that_page() => FaultyLibc.Run(() =>
    {
        using var target = new Target(pages: 4);
        Shorten(Call.PWrite, (2 * s_page) + ObjectHandle.WriteAlignment);
        target.AssertWritten([(0, 4), (2, 2)]);
    });

    [Fact]
    public void A_write_that_a_signal_ends_is_made_again() => FaultyLibc.Run(() =>
    {
        using var target = new Target(pages: 2);
        Fail(Call.PWrite, Errno.EINTR, times: 2);
        target.AssertWritten([(0, 2), (0, 2), (0, 2)]);
    });

    [Fact]
    public void A_write_that_does_not_complete_a_page_is_ENOSPC_and_not_tried_for_ever() => FaultyLibc.Run(() =>
    {
        foreach (var most in new[] { 0, ObjectHandle.WriteAlignment, s_page - ObjectHandle.WriteAlignment })
        {
            using var target = new Target(pages: 2);
            Shorten(Call.PWrite, most);
            Assert.Equal(Errno.ENOSPC, target.Write());
            Assert.Equal(1, Count(Call.PWrite));
        }
    });

    [Fact]
    public void A_write_that_stops_making_progress_after_some_is_ENOSPC() => FaultyLibc.Run(() =>
    {
        using var target = new Target(pages: 3);
        Shorten(Call.PWrite, s_page);
        Shorten(Call.PWrite, ObjectHandle.WriteAlignment);
        Assert.Equal(Errno.ENOSPC, target.Write());
        Assert.Equal(2, Count(Call.PWrite));
    });

    [Fact]
    public void An_error_after_some_progress_is_the_result() => FaultyLibc.Run(() =>
    {
        using var target = new Target(pages: 3);
        Shorten(Call.PWrite, s_page);
        Fail(Call.PWrite, Errno.EIO);
        Assert.Equal(Errno.EIO, target.Write());
        Assert.Equal(2, Count(Call.PWrite));
    });

    /// <summary>A file that is written from its third page on.</summary>
    private sealed class Target : IDisposable
    {
        private static readonly long s_start = 2 * s_page;

        private readonly TempFile _file = new();
        private readonly ObjectHandle _object;
        private readonly AlignedBuffer _buffer;
        private readonly int _length;

        public Target(int pages)
        {
            _object = _file.AsObject();
            _length = pages * s_page;
            _buffer = new AlignedBuffer(_length);
            Reset();
        }

        public Errno Write() => _object.TryWriteAt(_buffer.Slice(0, _length), s_start);

        /// <summary>Writes and compares the file and the calls, page by page.</summary>
        public void AssertWritten(IEnumerable<(int Page, int Pages)> calls)
        {
            Assert.Equal(Errno.None, Write());
            Assert.Equal(_buffer.Slice(0, _length).ToArray(), _file.Read(s_start, 2 * _length));
            Assert.Equal(calls.Select(call => (s_start + ((long)call.Page * s_page), (long)call.Pages * s_page)), Asked(Call.PWrite));
        }

        public void Dispose()
        {
            _object.Dispose();
            _file.Dispose();
        }
    }
}
