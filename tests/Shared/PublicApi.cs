using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CacheFiles.Tests.Shared;

/// <summary>The public surface of an assembly as sorted text, compared with the PublicApi.txt that the test project embeds.</summary>
/// <remarks>Signatures are written without nullability and without attributes. A new project starts with an empty PublicApi.txt.</remarks>
internal static class PublicApi
{
    private const string FileName = "PublicApi.txt";
    private const string Update = "UPDATE_PUBLIC_API";
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, string> s_keywords =
        """
        Void void Object object String string Boolean bool Char char Byte byte SByte sbyte Int16 short UInt16 ushort Int32 int UInt32 uint
        Int64 long UInt64 ulong IntPtr nint UIntPtr nuint Single float Double double Decimal decimal
        """.Split([' ', '\n']).Chunk(2).ToDictionary(pair => "System." + pair[0], pair => pair[1]);

    /// <summary>Fails where the surface is not the recorded one. With UPDATE_PUBLIC_API=1 it is recorded instead, beside the calling test.</summary>
    public static void Verify(Assembly assembly, [CallerFilePath] string test = "")
    {
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(test)!, FileName), Describe(assembly.GetExportedTypes()));
        else
            Compare(assembly);
    }

    /// <summary>Fails where the surface is not the recorded one.</summary>
    internal static void Compare(Assembly assembly)
    {
        using var recorded = new StreamReader(typeof(PublicApi).Assembly.GetManifestResourceStream(FileName)!);
        var difference = Difference(recorded.ReadToEnd(), Describe(assembly.GetExportedTypes()));
        Assert.True(
            difference.Length == 0,
            $"The public API of {assembly.GetName().Name} is not the recorded one. If that is meant, run this test once with {Update}=1, "
                + $"which rewrites {FileName}, and commit the file.\n{difference}");
    }

    /// <summary>The lines that are gone and the lines that came, each behind its type; nothing where both are the same.</summary>
    internal static string Difference(string recorded, string actual)
    {
        string[] before = [.. Lines(recorded)], after = [.. Lines(actual)];
        return string.Join('\n', before.Except(after).Select(line => "- " + line).Concat(after.Except(before).Select(line => "+ " + line)));

        static IEnumerable<string> Lines(string text)
        {
            var type = "";
            foreach (var line in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                yield return line[0] == ' ' ? $"{type.Split(' ')[0]}: {line.Trim()}" : type = line;
        }
    }

    /// <summary>Every type and its members, sorted.</summary>
    internal static string Describe(IEnumerable<Type> types)
        => string.Concat(types.Select(type => string.Concat(Members(type).Order(StringComparer.Ordinal).Select(member => $"    {member}\n").Prepend(Head(type) + "\n")))
            .Order(StringComparer.Ordinal));

    private static string Head(Type type)
    {
        var kind = type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        Type[] faces = type.IsEnum ? [Enum.GetUnderlyingType(type)] : [.. type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(face => face.IsVisible)];
        Type[] parent = type is { IsValueType: false, BaseType: { } known } && known != typeof(object) ? [known] : [];
        var bases = string.Join(", ", parent.Select(Name).Concat(faces.Select(Name).Order(StringComparer.Ordinal)));
        return $"{Name(type)} : {kind}{(bases.Length == 0 ? "" : " : ")}{bases}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
        => type.IsEnum ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {field.GetRawConstantValue()}")
            :
            [
                .. type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly).Select(Field),
                .. type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(IsVisible)).Select(Property),
                .. type.GetEvents(Declared).Where(happening => IsVisible(happening.AddMethod!)).Select(Event),
                .. type.GetConstructors(Declared).Where(IsVisible).Select(made => $"{Modifiers(made)}{Plain(type)}({Parameters(made)})"),
                .. type.GetMethods(Declared).Where(method => IsVisible(method) && IsOrdinary(method)).Select(Method),
            ];

    private static bool IsVisible(MethodBase method)
        => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsOrdinary(MethodInfo method)
        => (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.Name.Contains('<');

    private static string Field(FieldInfo field)
        => (field.IsPublic ? "public " : "protected ") + (field.IsLiteral ? "const " : field.IsStatic ? "static " : "")
            + (field.IsInitOnly ? "readonly " : "") + $"{Name(field.FieldType)} {field.Name}" + (field.IsLiteral ? Value(field.GetRawConstantValue()) : "");

    private static string Event(EventInfo happening) => $"{Modifiers(happening.AddMethod!)}event {Name(happening.EventHandlerType!)} {happening.Name}";

    private static string Property(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(true).Where(IsVisible)];
        MethodInfo widest = accessors.FirstOrDefault(accessor => accessor.IsPublic) ?? accessors[0];
        var verbs = accessors.Select(accessor => (accessor.IsPublic == widest.IsPublic ? "" : "protected ") + Verb(accessor) + "; ");
        var index = string.Join(", ", property.GetIndexParameters().Select(Parameter));
        return $"{Modifiers(widest)}{Name(property.PropertyType)} {property.Name}{(index.Length == 0 ? "" : $"[{index}]")} {{ {string.Concat(verbs)}}}";

        string Verb(MethodInfo accessor) => accessor == property.GetMethod ? "get"
            : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init" : "set";
    }

    private static string Method(MethodInfo method)
        => $"{Modifiers(method)}{Passing(method.ReturnParameter)}{Name(method.ReturnType)} {method.Name}{Generics(method.GetGenericArguments())}"
            + $"({(method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")}{Parameters(method)}){Constraints(method.GetGenericArguments())}";

    private static string Modifiers(MethodBase method) => (method.IsPublic ? "public " : "protected ") + method switch
    {
        { IsStatic: true } => method.IsAbstract ? "static abstract " : "static ",
        { IsAbstract: true } => method.DeclaringType!.IsInterface ? "" : "abstract ",
        MethodInfo { IsVirtual: true } derived when derived.GetBaseDefinition() != derived => derived.IsFinal ? "sealed override " : "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
        => (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "") + Passing(parameter) + $"{Name(parameter.ParameterType)} {parameter.Name}"
            + (parameter.HasDefaultValue ? Value(parameter.RawDefaultValue) : "");

    private static string Passing(ParameterInfo parameter)
        => !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";

    private static string Value(object? value)
        => " = " + (value is string text ? $"\"{text}\"" : value is null ? "default" : Convert.ToString(value, CultureInfo.InvariantCulture));

    private static string Generics(IEnumerable<Type> arguments) => arguments.Any() ? $"<{string.Join(", ", arguments.Select(Name))}>" : "";

    private static string Constraints(Type[] arguments)
        => string.Concat(arguments.Where(argument => argument.IsGenericParameter && argument.GetGenericParameterConstraints().Length > 0)
            .Select(argument => $" where {argument.Name} : {string.Join(", ", argument.GetGenericParameterConstraints().Select(Name))}"));

    private static string Name(Type type) => type switch
    {
        { IsGenericParameter: true } => type.Name,
        { IsArray: true } => $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]",
        { HasElementType: true } => Name(type.GetElementType()!) + (type.IsPointer ? "*" : ""),
        { IsNested: true } => $"{Name(type.DeclaringType!)}.{Plain(type)}{Generics(type.GetGenericArguments().Skip(type.DeclaringType!.GetGenericArguments().Length))}",
        _ => s_keywords.GetValueOrDefault($"{type.Namespace}.{type.Name}", $"{type.Namespace}.{Plain(type)}{Generics(type.GetGenericArguments())}"),
    };

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
