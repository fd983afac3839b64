namespace CacheFiles.Ondemand.Http.Tests.Support;

/// <summary>Everything that a server does wrong, by name.</summary>
internal static class Faults
{
    public static IReadOnlyDictionary<string, Fault> All { get; } = new Dictionary<string, Fault>
    {
        ["200 instead of 206"] = new("200 instead of 206", async s =>
        {
            await s.Request.HeadAsync("HTTP/1.1 200 OK", $"Content-Length: {s.Blob.Bytes.Length}", s.Blob.ETagLine);
            await s.Request.BodyAsync(s.Blob.Bytes);
        }),
        ["Content-Range starts elsewhere"] = new("sent something else", s => s.OtherRangeAsync(start: -1, end: 0)),
        ["Content-Range ends elsewhere"] = new("sent something else", s => s.OtherRangeAsync(start: 0, end: -1)),
        ["Content-Range of another total"] = new("sent something else", s => s.OtherRangeAsync(0, 0, total: "999999")),
        ["Content-Range of an unknown total"] = new("sent something else", s => s.OtherRangeAsync(0, 0, total: "*")),
        ["no Content-Range"] = new("without a Content-Range", async s =>
        {
            await s.PartialAsync(contentRange: "X-Nothing: 1");
            await s.BodyAsync();
        }),
        ["nonsense as Content-Range"] = new("without a Content-Range", async s =>
        {
            await s.PartialAsync(contentRange: "Content-Range: bytes banana");
            await s.BodyAsync();
        }),
        ["more bytes than the range"] = new("another number of bytes", async s =>
        {
            await s.PartialAsync(length: $"Content-Length: {s.Asked.Length + 1}");
            await s.BodyAsync();
            await s.Request.BodyAsync(new byte[1]);
        }),
        ["fewer bytes than the range"] = new("another number of bytes", async s =>
        {
            await s.PartialAsync(length: $"Content-Length: {s.Asked.Length - 1}");
            await s.Request.BodyAsync(s.Asked[1..]);
        }),
        ["more chunks than the range"] = new("sent more bytes", async s =>
        {
            await s.ChunkedAsync();
            await s.Request.ChunkAsync(s.Asked);
            await s.Request.ChunkAsync(new byte[7]);
            await s.Request.BodyAsync("0\r\n\r\n"u8.ToArray());
        }),
        ["a body that ends early"] = new("failed", async s =>
        {
            await s.PartialAsync();
            await s.Request.BodyAsync(s.Half);
            s.Request.Close();
        }),
        ["chunks that end early"] = new("ended the body too early", async s =>
        {
            await s.ChunkedAsync();
            await s.Request.ChunkAsync(s.Half);
            await s.Request.BodyAsync("0\r\n\r\n"u8.ToArray());
        }),
        ["nonsense as a chunk"] = new("failed", async s =>
        {
            await s.ChunkedAsync();
            await s.Request.ChunkAsync(s.Half);
            await s.Request.BodyAsync("nonsense\r\n"u8.ToArray());
            s.Request.Close();
        }),
        ["nonsense as a status line"] = new("failed", async s =>
        {
            await s.Request.BodyAsync("SMTP ready\r\n\r\n"u8.ToArray());
            s.Request.Close();
        }),
        ["half a head"] = new("failed", async s =>
        {
            await s.Request.BodyAsync("HTTP/1.1 206 Partial Con"u8.ToArray());
            s.Request.Close();
        }),
        ["a reset instead of an answer"] = new("failed", s =>
        {
            s.Request.Reset();
            return Task.CompletedTask;
        }),
        ["a reset in the body"] = new("failed", async s =>
        {
            await s.HalfAsync();
            s.Request.Reset();
        }),
        ["silence instead of an answer"] = new("was too slow", s => s.StallAsync()),
        ["silence behind the head"] = new("was too slow", async s =>
        {
            await s.PartialAsync();
            await s.StallAsync();
        }),
        ["silence in the body"] = new("was too slow", async s =>
        {
            await s.HalfAsync();
            await s.StallAsync();
        }),
        ["chunks that do not end"] = new("was too slow", async s =>
        {
            await s.ChunkedAsync();
            await s.Request.ChunkAsync(s.Half);
            await s.Writer.ReachedAsync(s.Request.Range.Start + s.Half.Length);
            await s.Request.ChunkAsync(s.Asked[s.Half.Length..]);
            await s.StallAsync();
        }),
        ["a drip"] = new("was too slow", async s =>
        {
            await s.PartialAsync();
            for (var i = 0; i < 3; i++)
            {
                await s.Request.BodyAsync(s.Asked.Slice(i, 1));
                await s.Writer.ReachedAsync(s.Request.Range.Start + i + 1);
                s.Time.Advance(s.AttemptTimeout * 0.4);
            }
            await s.Request.ClientLeavesAsync();
        }),
        ["gzip"] = new("Content-Encoding gzip", async s =>
        {
            await s.PartialAsync(more: "Content-Encoding: gzip");
            await s.BodyAsync();
        }),
        ["several ranges"] = new("multipart/byteranges", async s =>
        {
            var part = $"--x\r\n{s.Blob.ContentRange(s.Request)}\r\n\r\n";
            await s.PartialAsync(contentRange: "Content-Type: multipart/byteranges; boundary=x", length: $"Content-Length: {part.Length + s.Asked.Length + 7}");
            await s.Request.BodyAsync(System.Text.Encoding.Latin1.GetBytes(part));
            await s.BodyAsync();
            await s.Request.BodyAsync("\r\n--x--"u8.ToArray());
        }),
        ["500"] = new("answered 500", s => s.StatusAsync("500 Internal Server Error")),
        ["503"] = new("answered 503", s => s.StatusAsync("503 Service Unavailable")),
        ["429"] = new("answered 429", s => s.StatusAsync("429 Too Many Requests")),
        ["304"] = new("answered 304", s => s.Request.HeadAsync("HTTP/1.1 304 Not Modified"), Times: 1),
        ["404"] = new("answered 404", s => s.StatusAsync("404 Not Found"), Times: 1),
        ["410"] = new("answered 410", s => s.StatusAsync("410 Gone"), Times: 1),
        ["403"] = new("credentials", s => s.StatusAsync("403 Forbidden"), Times: 1),
        ["416"] = new("answered 416", s => s.StatusAsync("416 Range Not Satisfiable"), Times: 1),
        ["another ETag"] = new("changed at the origin", async s =>
        {
            await s.PartialAsync(tag: "ETag: \"two\"");
            await s.BodyAsync();
        }, Times: 1),
        ["a weak ETag"] = new("changed at the origin", async s =>
        {
            await s.PartialAsync(tag: "ETag: W/\"one\"");
            await s.BodyAsync();
        }, Times: 1),
        ["no ETag any more"] = new("changed at the origin", async s =>
        {
            await s.PartialAsync(tag: "X-Nothing: 1");
            await s.BodyAsync();
        }, Times: 1),
        ["412"] = new("changed at the origin", s => s.StatusAsync("412 Precondition Failed"), Times: 1),
        ["416 for a shorter object"] = new("changed at the origin", s => s.StatusAsync("416 Range Not Satisfiable", "Content-Range: bytes */17"), Times: 1),
        ["the whole of a new version"] = new("changed at the origin", async s =>
        {
            await s.Request.HeadAsync("HTTP/1.1 200 OK", "Content-Length: 17", "ETag: \"two\"");
            await s.Request.BodyAsync(new byte[17]);
        }, Times: 1),
    };
}
