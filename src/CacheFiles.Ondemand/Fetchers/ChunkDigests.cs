using System.Globalization;
using System.Security.Cryptography;

namespace CacheFiles.Ondemand;

/// <summary>The SHA-256 digests of an object's chunks: what its bytes have to be.</summary>
/// <remarks>
/// The text form is a line <c>sha256 CHUNK-SIZE LENGTH</c>, both in bytes, and then for each chunk a line of 64 hexadecimal digits. Empty
/// lines and lines that start with <c>#</c> are nothing. All chunks are of the same size but the last, which ends with the object.
/// <example>A shell makes it so:
/// <code>
/// { echo "sha256 65536 $(stat -c %s blob)"; split -b 65536 --filter='sha256sum | cut -c 1-64' blob; } > blob.sha256
/// </code></example>
/// </remarks>
public sealed class ChunkDigests
{
    /// <summary>The smallest chunk: 4 KiB.</summary>
    public const int MinChunkSizeBytes = 4 << 10;

    /// <summary>The largest chunk: 64 MiB. A fetch holds a whole chunk in memory.</summary>
    public const int MaxChunkSizeBytes = 64 << 20;

    private readonly byte[] _digests;

    /// <summary>Takes digests in their binary form.</summary>
    /// <param name="chunkSizeBytes">The size of each chunk but the last, from <see cref="MinChunkSizeBytes"/> to <see cref="MaxChunkSizeBytes"/>.</param>
    /// <param name="lengthBytes">The length of the object.</param>
    /// <param name="digests">The 32 bytes of each chunk's digest, one after the other. Copied.</param>
    /// <exception cref="ArgumentException">A size is out of its range, or there are more or fewer digests than chunks.</exception>
    public ChunkDigests(int chunkSizeBytes, long lengthBytes, ReadOnlySpan<byte> digests)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSizeBytes, MinChunkSizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkSizeBytes, MaxChunkSizeBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        var chunks = CountFor(chunkSizeBytes, lengthBytes);
        if (digests.Length != chunks * SHA256.HashSizeInBytes)
            throw new ArgumentException($"{lengthBytes} bytes in chunks of {chunkSizeBytes} have {chunks} digests of {SHA256.HashSizeInBytes} bytes; {digests.Length} bytes were given.", nameof(digests));
        ChunkSizeBytes = chunkSizeBytes;
        LengthBytes = lengthBytes;
        _digests = digests.ToArray();
    }

    /// <summary>The size of each chunk but the last, in bytes.</summary>
    public int ChunkSizeBytes { get; }

    /// <summary>The length of the object, in bytes.</summary>
    public long LengthBytes { get; }

    /// <summary>The digests in their binary form: 32 bytes for each chunk.</summary>
    public ReadOnlySpan<byte> Digests => _digests;

    /// <summary>Computes the digests of what a stream has from where it stands to its end.</summary>
    /// <param name="content">The object. Borrowed.</param>
    /// <param name="chunkSizeBytes">The size of a chunk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ChunkDigests> ComputeAsync(Stream content, int chunkSizeBytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSizeBytes, MinChunkSizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkSizeBytes, MaxChunkSizeBytes);
        var chunk = new byte[chunkSizeBytes];
        var digests = new MemoryStream();
        long length = 0;
        int count;
        do
        {
            count = await content.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (count > 0)
                digests.Write(SHA256.HashData(chunk.AsSpan(0, count)));
            length += count;
        }
        while (count == chunk.Length);
        return new ChunkDigests(chunkSizeBytes, length, digests.GetBuffer().AsSpan(0, (int)digests.Length));
    }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text, to its end. Borrowed.</param>
    /// <exception cref="FormatException">It is not that form; the message names the line.</exception>
    public static ChunkDigests Parse(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (int ChunkSize, long Length)? header = null;
        var digests = new MemoryStream();
        var number = 0;
        while (text.ReadLine() is { } line)
        {
            number++;
            line = line.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (header is null)
                header = ParseHeader(line) ?? throw new FormatException($"Line {number} has to be 'sha256 CHUNK-SIZE LENGTH', not '{line}'.");
            else if (line.Length == SHA256.HashSizeInBytes * 2 && line.All(char.IsAsciiHexDigit))
                digests.Write(Convert.FromHexString(line));
            else
                throw new FormatException($"Line {number} has to be {SHA256.HashSizeInBytes * 2} hexadecimal digits, not '{line}'.");
        }
        if (header is not { } sizes)
            throw new FormatException("There is no line 'sha256 CHUNK-SIZE LENGTH'.");
        try
        {
            return new ChunkDigests(sizes.ChunkSize, sizes.Length, digests.GetBuffer().AsSpan(0, (int)digests.Length));
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Writes the text form.</summary>
    /// <param name="text">Where to. Borrowed.</param>
    public void WriteTo(TextWriter text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Write(string.Create(CultureInfo.InvariantCulture, $"sha256 {ChunkSizeBytes} {LengthBytes}\n"));
        foreach (byte[] digest in _digests.Chunk(SHA256.HashSizeInBytes))
            text.Write(Convert.ToHexString(digest).ToLowerInvariant() + "\n");
    }

    /// <summary>The chunk that an offset is in.</summary>
    internal ByteRange ChunkAt(long offset)
    {
        var start = offset - offset % ChunkSizeBytes;
        return ByteRange.FromBounds(start, Math.Min(start + ChunkSizeBytes, LengthBytes));
    }

    /// <summary>Whether the bytes of a chunk are what they have to be.</summary>
    internal bool Matches(ByteRange chunk, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return digest.SequenceEqual(_digests.AsSpan(checked((int)(chunk.Offset / ChunkSizeBytes * SHA256.HashSizeInBytes)), SHA256.HashSizeInBytes));
    }

    private static long CountFor(int chunkSize, long length) => length / chunkSize + (length % chunkSize == 0 ? 0 : 1);

    private static (int ChunkSize, long Length)? ParseHeader(string line)
        => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["sha256", var size, var length]
            && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var chunkSize)
            && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? (chunkSize, bytes)
            : null;
}
