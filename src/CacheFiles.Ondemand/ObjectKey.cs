using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CacheFiles.Ondemand;

/// <summary>What the kernel calls an object: the key of its volume and the key of its cookie. Both are bytes; text is only a view of them.</summary>
/// <remarks>
/// For EROFS the volume key is <c>erofs,</c> and the mount's <c>domain_id</c> (or its <c>fsid</c> where it has no domain), and the cookie
/// key is the <c>fsid</c> or the name of a device. Two keys are equal when their bytes are.
/// </remarks>
public sealed class ObjectKey : IEquatable<ObjectKey>
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _bytes;
    private readonly int _volumeLength;
    // Each READ looks its object up.
    private readonly int _hash;

    /// <summary>Makes a key; the bytes are copied.</summary>
    /// <param name="volume">The volume key, without the NUL that the kernel's message has behind it.</param>
    /// <param name="cookie">The cookie key.</param>
    public ObjectKey(ReadOnlySpan<byte> volume, ReadOnlySpan<byte> cookie)
    {
        _bytes = new byte[volume.Length + cookie.Length];
        _volumeLength = volume.Length;
        volume.CopyTo(_bytes);
        cookie.CopyTo(_bytes.AsSpan(volume.Length));
        var hash = default(HashCode);
        hash.Add(_volumeLength);
        hash.AddBytes(_bytes);
        _hash = hash.ToHashCode();
    }

    /// <summary>Makes a key of text, as UTF-8.</summary>
    /// <param name="volume">The volume key.</param>
    /// <param name="cookie">The cookie key.</param>
    public ObjectKey(string volume, string cookie)
        : this(Encoding.UTF8.GetBytes(volume), Encoding.UTF8.GetBytes(cookie))
    {
    }

    /// <summary>The volume key, without a NUL.</summary>
    public ReadOnlySpan<byte> Volume => _bytes.AsSpan(0, _volumeLength);

    /// <summary>The cookie key.</summary>
    public ReadOnlySpan<byte> Cookie => _bytes.AsSpan(_volumeLength);

    /// <summary>The volume key for people: UTF-8 where it is that, every other byte as <c>\xNN</c>.</summary>
    public string VolumeText => Printable(Volume);

    /// <summary>The cookie key for people: UTF-8 where it is that, every other byte as <c>\xNN</c>.</summary>
    public string CookieText => Printable(Cookie);

    /// <summary>Gives the cookie key as a file name, if it is one: valid UTF-8, one to 255 bytes, no <c>/</c>, no NUL, and neither <c>.</c>
    /// nor <c>..</c>. A key must not become part of a path without this check.</summary>
    /// <param name="name">The file name.</param>
    public bool TryGetFileName([NotNullWhen(true)] out string? name)
    {
        name = null;
        ReadOnlySpan<byte> cookie = Cookie;
        if (cookie.Length is 0 or > 255 || cookie.IndexOfAny((byte)'/', (byte)0) >= 0 || cookie.SequenceEqual("."u8) || cookie.SequenceEqual(".."u8))
            return false;
        try
        {
            name = s_strictUtf8.GetString(cookie);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public bool Equals(ObjectKey? other)
        => other is not null && _volumeLength == other._volumeLength && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ObjectKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Volume and cookie, printable.</summary>
    public override string ToString() => $"{VolumeText}/{CookieText}";

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(bytes, out Rune rune, out var consumed) == System.Buffers.OperationStatus.Done;
            if (valid && !Rune.IsControl(rune) && rune.Value != '\\')
                text.Append(rune.ToString());
            else
                foreach (var value in bytes[..consumed])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }
}
