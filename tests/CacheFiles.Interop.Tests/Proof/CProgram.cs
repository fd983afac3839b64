using System.ComponentModel;
using System.Diagnostics;

namespace CacheFiles.Interop.Tests.Proof;

/// <summary>C source, compiled and run: what the headers of this machine really say.</summary>
internal sealed class CProgram(string compiler = "gcc")
{
    private const string Remedy = "These tests need a C compiler and the headers of libc and Linux: apt-get install gcc libc6-dev linux-libc-dev";

    /// <summary>How long the compiler or the program may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What the program prints. Fails where it does not compile, does not end in time or does not return 0.</summary>
    public string Run(string source)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("cprogram");
        try
        {
            var program = Path.Combine(directory.FullName, "program");
            Compile(source, program);
            return Execute(program, []);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Compiles source into <paramref name="output"/>.</summary>
    public void Compile(string source, string output, params string[] options)
    {
        File.WriteAllText(output + ".c", source);
        try
        {
            Execute(compiler, ["-std=gnu11", "-Wall", "-Werror", .. options, "-o", output, output + ".c"]);
        }
        catch (Win32Exception e)
        {
            Assert.Fail($"{compiler} cannot be started ({e.Message}). {Remedy}");
        }
    }

    private string Execute(string file, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit) || !Task.WaitAll([output, errors], Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} did not end within {Limit}.");
        }
        if (process.ExitCode != 0)
            Assert.Fail($"{file} returned {process.ExitCode}.\n{errors.Result}{(file == compiler ? Remedy : "")}");
        return output.Result;
    }
}
