using CacheFiles.Ondemand.Tests.Support;

namespace CacheFiles.Ondemand.Tests.Stress;

/// <summary>A source that delivers in all the ways that are allowed, and where it is hostile in all that are not.</summary>
internal sealed class UnreliableSource(LockedRandom random, bool hostile) : IRangeFetcher
{
    internal static int LengthOf(string blob) => blob switch
    {
        "a" => 4096 * 1000,
        "b" => 5_000_001,
        "c" => 70_000,
        "common" => 12_333_333,
        _ => 20_000,
    };

    public async ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (random.Next(2) == 0)
            await Task.Delay(random.Next(3), CancellationToken.None);
        if (hostile && random.Next(10) == 0)
            throw new IOException("no length");
        if (hostile && random.Next(20) == 0)
            return null;
        if (hostile && random.Next(50) == 0)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        return LengthOf(key.CookieText);
    }

    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        if (random.Next(3) == 0)
            await Task.Yield();
        if (random.Next(10) == 0)
            await Task.Delay(random.Next(5), CancellationToken.None);
        if (random.Next(50) == 0)
            Thread.Sleep(random.Next(5));
        var enough = hostile && random.Next(10) == 0 ? random.Next((int)range.Length) : int.MaxValue;
        if (hostile && random.Next(10) == 0)
            throw new IOException("no bytes");
        while (writer.Remaining > 0 && writer.Position - range.Offset < enough)
        {
            Memory<byte> memory = writer.GetMemory(random.Next(5) == 0 ? random.Next(20_000) : 0);
            memory = memory[..(int)Math.Min(Math.Min(memory.Length, random.Next(1, 100_000)), writer.Remaining)];
            Content.Fill(key.CookieText, writer.Position, memory.Span);
            writer.Advance(memory.Length);
            await writer.FlushAsync(cancellationToken);
            if (random.Next(8) == 0)
                await Task.Yield();
        }
        if (hostile && random.Next(20) == 0)
            await writer.WriteAsync(new byte[10], CancellationToken.None);
        if (hostile && random.Next(30) == 0)
            await Task.Delay(Timeout.Infinite, random.Next(2) == 0 ? cancellationToken : CancellationToken.None);
    }

    public void ObjectClosed(ObjectKey key)
    {
        if (hostile && random.Next(10) == 0)
            throw new InvalidOperationException("closed");
    }
}
