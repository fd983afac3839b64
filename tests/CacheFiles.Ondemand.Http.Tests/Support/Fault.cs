namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>Something that a server does wrong, and how it is told.</summary>
/// <param name="Said">A part of the exception's message.</param>
/// <param name="Do">Does it.</param>
/// <param name="Times">How often a lone server is asked before the fetch fails; 1 where asking again makes no sense.</param>
internal sealed record Fault(string Said, Func<FaultScene, Task> Do, int Times = 3);

/// <summary>Where a fault happens.</summary>
internal sealed record FaultScene(FaultRequest Request, Blob Blob, RecordingWriter Writer, ManualTimeProvider Time, TimeSpan AttemptTimeout)
{
    public ReadOnlyMemory<byte> Asked => Blob.Asked(Request);

    public ReadOnlyMemory<byte> Half => Asked[..(Asked.Length / 2)];

    public Task PartialAsync(string? contentRange = null, string? length = null, string? tag = null, string? more = null)
        => Blob.PartialHeadAsync(Request, contentRange, length, tag, more);

    public Task BodyAsync() => Request.BodyAsync(Asked);

    /// <summary>Says another range than the one that was asked for, and sends as many bytes.</summary>
    public async Task OtherRangeAsync(int start, int end, string? total = null)
    {
        await PartialAsync(contentRange: $"Content-Range: bytes {Request.Range.Start + start}-{Request.Range.End - 1 + end}/{total ?? $"{Blob.Bytes.Length}"}");
        await BodyAsync();
    }

    public Task StatusAsync(string status, string? more = null) => Request.HeadAsync($"HTTP/1.1 {status}", "Content-Length: 0", more);

    /// <summary>Sends the half, and waits until the client has taken it.</summary>
    public async Task HalfAsync()
    {
        var position = Request.Range.Start + Half.Length;
        await PartialAsync();
        await Request.BodyAsync(Half);
        await Writer.ReachedAsync(position);
    }

    /// <summary>Sends nothing more, until the client has lost patience.</summary>
    public Task StallAsync()
    {
        Time.Advance(AttemptTimeout);
        return Request.ClientLeavesAsync();
    }

    public Task ChunkedAsync() => PartialAsync(length: "Transfer-Encoding: chunked");
}
