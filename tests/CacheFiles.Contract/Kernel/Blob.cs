using CacheFiles.Ondemand;

namespace CacheFiles.Contract.Kernel;

/// <summary>What a daemon serves: a cookie key, and bytes that follow from it.</summary>
internal sealed class Blob
{
    internal Blob(ReadOnlySpan<byte> key, long length, long? fileLength = null)
    {
        Key = key.ToArray();
        Length = length;
        FileLength = fileLength ?? length;
        Text = new ObjectKey([], key).CookieText;
    }

    internal Blob(string key, long length, long? fileLength = null)
        : this(System.Text.Encoding.UTF8.GetBytes(key), length, fileLength)
    {
    }

    internal byte[] Key { get; }

    /// <summary>The key for people; no two keys have the same.</summary>
    internal string Text { get; }

    /// <summary>How many bytes it has.</summary>
    internal long Length { get; }

    /// <summary>How many bytes the image says that it has.</summary>
    internal long FileLength { get; }

    /// <summary>What it begins with.</summary>
    internal byte[] Head { get; set; } = [];

    internal byte[] Bytes(long offset, int length)
    {
        var bytes = new byte[length];
        Fill(offset, bytes);
        return bytes;
    }

    internal void Fill(long offset, Span<byte> destination)
    {
        Content.Fill(Text, offset, destination);
        if (offset < Head.Length)
            Head.AsSpan((int)offset, (int)Math.Min(destination.Length, Head.Length - offset)).CopyTo(destination);
    }
}
