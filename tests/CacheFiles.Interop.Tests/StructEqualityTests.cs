using System.Reflection;
using CacheFiles.Interop.Tests.Proof;

namespace CacheFiles.Interop.Tests;

public sealed class StructEqualityTests
{
    [Theory]
    [InlineData(typeof(CacheFilesMsg))]
    [InlineData(typeof(CacheFilesOpen))]
    [InlineData(typeof(CacheFilesRead))]
    public void Structs_are_equal_where_every_field_is(Type type)
    {
        Check(type, Activator.CreateInstance(type)!, Activator.CreateInstance(type)!, equal: true);
        foreach (FieldInfo field in Completeness.FieldsOf(type))
        {
            var other = Activator.CreateInstance(type)!;
            field.SetValue(other, Convert.ChangeType(1, field.FieldType, null));
            Check(type, Activator.CreateInstance(type)!, other, equal: false);
            Check(type, other, other, equal: true);
        }
        Assert.False(Activator.CreateInstance(type)!.Equals("something else"));
    }

    private static void Check(Type type, object left, object right, bool equal)
    {
        Assert.Equal(equal, left.Equals(right));
        Assert.Equal(equal, Call("op_Equality"));
        Assert.Equal(!equal, Call("op_Inequality"));
        Assert.Equal(equal, typeof(IEquatable<>).MakeGenericType(type).GetMethod("Equals")!.Invoke(left, [right]));
        if (equal)
            Assert.Equal(left.GetHashCode(), right.GetHashCode());

        object? Call(string name) => type.GetMethod(name)!.Invoke(null, [left, right]);
    }
}
