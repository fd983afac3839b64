namespace CacheFiles.Interop.Tests.Api.Samples;

// What the writer of the public API is tried on.
public enum Mode : byte
{
    Off = 1,
    On = 2,
}

public interface IFace
{
    void Serve();
}

public class Parent
{
    public virtual int Size => 0;

    public virtual void Run(Mode mode = Mode.On, bool now = true)
    {
    }
}

public abstract class Sample<T>(int? size = null) : Parent, IFace
    where T : Attribute
{
    public const string Word = "word";

    protected static readonly nint Shared = SizeOfShared();

    public event Action Changed
    {
        add => Hidden();
        remove => Hidden();
    }

    public List<T[,]> Lists { get; } = [];

    public string? Name { get; init; }

    public int Limit { get; protected set; } = size ?? 0;

    public sealed override int Size => Limit;

    public string this[int index] => $"{index}";

    public void Serve() => Hidden();

    protected abstract T Make<TKey>(ref TKey key, in int[] sizes, out long done, params string?[] names)
        where TKey : IComparable<TKey>;

    internal void Hidden() => AlsoHidden();

    private protected void AlsoHidden() => Limit++;

    private static nint SizeOfShared() => 8;
}

public static class Extensions
{
    public static int Twice(this int number) => 2 * number;
}
