using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CacheFiles.Interop.Tests.Proof;

namespace CacheFiles.Interop.Tests.Faults;

/// <summary>A second copy of CacheFiles.Interop in this process, whose libc is <c>faults.c</c>.</summary>
/// <remarks>This assembly is loaded a second time with it, so that a test is ordinary code: the same method runs in the copy.</remarks>
internal sealed class FaultyLibc : AssemblyLoadContext
{
    private static readonly Lazy<FaultyLibc> s_instance = new(() => new FaultyLibc());

    private readonly nint _faults = LoadLibrary();

    private FaultyLibc()
        : base("Interop over a faulty libc")
    {
    }

    /// <summary>Runs a scenario, a lambda that captures nothing, in the copy.</summary>
    public static void Run(Action scenario)
    {
        MethodInfo here = scenario.Method;
        Assert.Empty(here.DeclaringType!.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic));
        Assembly copy = s_instance.Value.LoadFromAssemblyName(here.Module.Assembly.GetName());
        MethodBase there = copy.ManifestModule.ResolveMethod(here.MetadataToken)!;
        var closure = Activator.CreateInstance(there.DeclaringType!, nonPublic: true);
        there.Invoke(closure, BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        Assembly? original = new[] { typeof(FaultyLibc).Assembly, typeof(DeviceHandle).Assembly }
            .FirstOrDefault(known => known.GetName().Name == assemblyName.Name);
        if (original is null)
            return null; // shared with the rest of the process
        Assembly copy = LoadFromAssemblyPath(original.Location);
        NativeLibrary.SetDllImportResolver(copy, (name, assembly, _) =>
            name == FaultPlan.Library || (name == "libc" && assembly.GetName().Name == typeof(DeviceHandle).Assembly.GetName().Name) ? _faults : 0);
        return copy;
    }

    private static nint LoadLibrary()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("faults");
        try
        {
            using var source = new StreamReader(typeof(FaultyLibc).Assembly.GetManifestResourceStream("faults.c")!);
            var library = Path.Combine(directory.FullName, "faults.so");
            new CProgram().Compile(source.ReadToEnd(), library, "-shared", "-fPIC");
            return NativeLibrary.Load(library);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
