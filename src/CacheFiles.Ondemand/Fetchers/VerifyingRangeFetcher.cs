using CacheFiles.Ondemand.Internal;

namespace CacheFiles.Ondemand;

/// <summary>Checks what another fetcher delivers against digests: bytes that do not match are never written.</summary>
/// <remarks>
/// <para>A chunk whose digest does not match is fetched once more, from another source where the inner fetcher has one
/// (<see cref="IRetryElsewhere"/>). If that is wrong too the fetch fails.</para>
/// <para>Only whole chunks can be checked, so what is fetched is the range that was asked for widened to the chunks it touches, and a reader waits
/// for the whole of its chunk. What was not asked for is thrown away again: with chunks larger than the requests the same chunk is fetched for
/// each of them. Chunks of 64 to 128 KiB, what a sequential reader asks for at once, cost least. Each running fetch holds one chunk in
/// memory, beside <see cref="OndemandOptions.MaxBufferedBytes"/>.</para>
/// </remarks>
public sealed class VerifyingRangeFetcher : IRangeFetcher
{
    private readonly IRangeFetcher _inner;
    private readonly Func<ObjectKey, ChunkDigests?> _digests;

    /// <summary>Puts the check before a fetcher.</summary>
    /// <param name="inner">Where the bytes come from. Borrowed.</param>
    /// <param name="digests">The digests of an object; null for an object that is not checked: throw where there may be none. Called for each
    /// OPEN and each fetch, concurrently, and has to give the same digests for as long as an object is open.</param>
    public VerifyingRangeFetcher(IRangeFetcher inner, Func<ObjectKey, ChunkDigests?> digests)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(digests);
        _inner = inner;
        _digests = digests;
    }

    /// <inheritdoc/>
    /// <exception cref="RangeFetchException">The object does not have the length that its digests are for.</exception>
    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        ChunkDigests? digests = _digests(key);
        var length = await _inner.GetLengthAsync(key, cancellationToken).ConfigureAwait(false);
        if (digests is null || length is null || length == digests.LengthBytes)
            return length;
        _inner.ObjectClosed(key);
        throw new RangeFetchException($"{key} has {length} bytes, and digests for {digests.LengthBytes}: it is another version");
    }

    /// <inheritdoc/>
    /// <exception cref="RangeFetchException">A chunk did not match its digest, twice.</exception>
    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ChunkDigests? digests = _digests(key);
        if (digests is null)
        {
            await _inner.FetchAsync(key, range, writer, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (range.End > digests.LengthBytes)
            throw new RangeFetchException($"{key}: the range {range} ends behind the {digests.LengthBytes} bytes that there are digests for");
        ByteRange? wrong = null;
        ulong avoid = 0;
        while (writer.Remaining > 0)
        {
            var verifier = new ChunkVerifier(digests, writer);
            var choice = new SourceChoice { Avoid = avoid };
            try
            {
                if (_inner is IRetryElsewhere inner)
                    await inner.FetchAsync(key, verifier.Range, verifier, choice, cancellationToken).ConfigureAwait(false);
                else
                    await _inner.FetchAsync(key, verifier.Range, verifier, cancellationToken).ConfigureAwait(false);
                verifier.Complete();
            }
            catch (Exception e) when (verifier.Mismatch is { } chunk)
            {
                if (wrong == chunk)
                    throw new RangeFetchException($"{key}: the bytes {chunk} did not match their SHA-256 digest, twice: the source, or the list of digests, is corrupt", e);
                wrong = chunk;
                avoid |= choice.Used;
            }
        }
    }

    /// <inheritdoc/>
    public void ObjectClosed(ObjectKey key) => _inner.ObjectClosed(key);
}
