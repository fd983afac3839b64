using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CacheFiles.Interop.Tests.Proof;

/// <summary>Where the fields of a struct really are: each is filled with ones, and the bytes that change are its place.</summary>
internal static class ManagedLayout
{
    public static int SizeOf(Type type) => (int)Call(nameof(SizeOfGeneric), type);

    /// <summary>Offset and size of a field in bytes.</summary>
    public static (int Offset, int Size) PlaceOf(FieldInfo field)
    {
        var filled = Activator.CreateInstance(field.DeclaringType!)!;
        field.SetValue(filled, Call(nameof(Ones), field.FieldType));
        var bytes = (byte[])Call(nameof(Bytes), field.DeclaringType!, filled);
        var size = bytes.Count(value => value == 0xFF);
        var offset = bytes.AsSpan().IndexOf((byte)0xFF);
        // In one piece, and nothing else was touched.
        Assert.Equal(offset + size, bytes.AsSpan().LastIndexOf((byte)0xFF) + 1);
        Assert.Equal(size, bytes.Length - bytes.Count(value => value == 0));
        return (offset, size);
    }

    private static object Call(string method, Type type, params object[] arguments)
        => typeof(ManagedLayout).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, arguments)!;

    private static int SizeOfGeneric<T>() => Unsafe.SizeOf<T>();

    private static object Ones<T>()
        where T : struct
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill(0xFF);
        return value;
    }

    private static byte[] Bytes<T>(T value)
        where T : struct => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
