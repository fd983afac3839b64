namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>An object, and how a server that does everything right answers for it.</summary>
internal sealed class Blob(byte[] bytes, string? etag = "\"one\"", string? lastModified = null)
{
    public static readonly ObjectKey Key = new("erofs,test", "blob");

    public byte[] Bytes => bytes;

    public ByteRange Whole => new(0, bytes.Length);

    public string? ETagLine => etag is null ? null : $"ETag: {etag}";

    public string? LastModifiedLine => lastModified is null ? null : $"Last-Modified: {lastModified}";

    public static Blob Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return new Blob(bytes);
    }

    /// <summary>The bytes that a request asks for.</summary>
    public ReadOnlyMemory<byte> Asked(FaultRequest request) => bytes.AsMemory()[request.Range.Start..Math.Min(request.Range.End, bytes.Length)];

    public string ContentRange(FaultRequest request) => $"Content-Range: bytes {request.Range.Start}-{request.Range.End - 1}/{bytes.Length}";

    /// <summary>The head of a right 206, with some lines instead of its own.</summary>
    public Task PartialHeadAsync(FaultRequest request, string? contentRange = null, string? length = null, string? tag = null, string? more = null)
        => request.HeadAsync(
            "HTTP/1.1 206 Partial Content",
            contentRange ?? ContentRange(request),
            length ?? $"Content-Length: {Asked(request).Length}",
            tag ?? ETagLine,
            LastModifiedLine,
            more);

    /// <summary>Answers as it should be.</summary>
    public async Task ServeAsync(FaultRequest request)
    {
        var isSame = request["If-Range"] is not { } condition || condition == etag || condition == lastModified;
        if (request.Method == "HEAD" || request["Range"] is null || !isSame)
        {
            await request.HeadAsync("HTTP/1.1 200 OK", $"Content-Length: {bytes.Length}", ETagLine, LastModifiedLine);
            if (request.Method != "HEAD")
                await request.BodyAsync(bytes);
        }
        else if (request.Range.Start >= bytes.Length)
        {
            await request.HeadAsync("HTTP/1.1 416 Range Not Satisfiable", $"Content-Range: bytes */{bytes.Length}", "Content-Length: 0");
        }
        else
        {
            await PartialHeadAsync(request);
            await request.BodyAsync(Asked(request));
        }
    }
}
