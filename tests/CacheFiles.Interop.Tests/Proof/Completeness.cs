using System.Reflection;

namespace CacheFiles.Interop.Tests.Proof;

/// <summary>Compares types with <see cref="ProofTable"/>.</summary>
internal static class Completeness
{
    private const BindingFlags Constants = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Every type that has to be in the table: public structs and enums, and classes that are nothing but constants.</summary>
    public static IEnumerable<Type> Mirrors(Assembly assembly)
        => assembly.GetTypes().Where(type => type is { IsPublic: true, IsValueType: true }
            || (type is { IsAbstract: true, IsSealed: true, IsNested: false } && type.GetFields(Constants).Any(field => field.IsLiteral)));

    /// <summary>The instance fields of a struct.</summary>
    public static FieldInfo[] FieldsOf(Type type)
        => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    /// <summary>What types have and the table does not.</summary>
    public static IEnumerable<string> Missing(IEnumerable<Type> types)
        => types.Where(type => !ProofTable.Own.Contains(type.Name)).SelectMany(type => NamesOf(type).Except(TableNames(type.Name)));

    /// <summary>What the table has and types do not (any more).</summary>
    public static IEnumerable<string> Stale(IEnumerable<Type> types)
    {
        Type[] known = [.. types];
        return ProofTable.Structs.Keys.Concat(ProofTable.Constants.Keys).SelectMany(TableNames).Concat(ProofTable.Own)
            .Except(known.Select(type => type.Name).Concat(known.SelectMany(NamesOf)));
    }

    private static IEnumerable<string> NamesOf(Type type)
    {
        FieldInfo[] members = type.IsValueType && !type.IsEnum ? FieldsOf(type) : [.. type.GetFields(Constants).Where(field => field.IsLiteral)];
        return members.Select(member => $"{type.Name}.{member.Name}").Prepend(type.Name);
    }

    private static IEnumerable<string> TableNames(string type)
    {
        IEnumerable<string>? members = ProofTable.Structs.TryGetValue(type, out var layout) ? layout.Members.Keys
            : ProofTable.Constants.TryGetValue(type, out var constants) ? constants : null;
        return members is null ? [] : members.Select(member => $"{type}.{member}").Prepend(type).Concat(ProofTable.Own.Where(own => own.StartsWith(type + ".", StringComparison.Ordinal)));
    }
}
