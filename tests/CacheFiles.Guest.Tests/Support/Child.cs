using System.Diagnostics;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>A program that runs beside the test, mostly one that reads. It is killed when the test is over.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private readonly string _name;

    private Child(string file, IEnumerable<string> arguments, string? directory)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "/",
        };
        start.Environment["LC_ALL"] = "C";
        _name = $"{file} {string.Join(' ', start.ArgumentList)}";
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    internal static Child Start(string file, params IEnumerable<string> arguments) => new(file, arguments, null);

    /// <summary>Reads a range of a file through the page cache with dd.</summary>
    internal static Child Read(string path, long offset, long length)
        => Start("dd", $"if={path}", "of=/dev/null", "bs=4096", "status=none", "iflag=skip_bytes,count_bytes", $"skip={offset}", $"count={length}");

    /// <summary>Runs a program to its end and expects it to succeed.</summary>
    internal static async Task<string> SucceedAsync(string directory, string file, params IEnumerable<string> arguments)
    {
        using var child = new Child(file, arguments, directory);
        ChildResult result = await child.EndAsync();
        Assert.True(result.ExitCode == 0, $"{child._name}: {result}");
        return result.Output;
    }

    /// <summary>Waits until it has ended.</summary>
    internal async Task<ChildResult> EndAsync(TimeSpan? limit = null)
    {
        try
        {
            // Several times what a single call may take: some read a whole image.
            await _process.WaitForExitAsync().WaitAsync(limit ?? Bounded.Limit * 4);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"hangs: {_name}, in the kernel at {KernelStacks()}");
        }
        return new ChildResult(_process.ExitCode, await _output, await _error);
    }

    /// <summary>Sends a signal, by its name.</summary>
    internal void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Sends a signal to a process that somebody else has started.</summary>
    internal static async Task SendAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What its threads wait for in the kernel.</summary>
    internal string KernelStacks()
    {
        try
        {
            return string.Join("; ", Directory.GetDirectories($"/proc/{Id}/task").Select(t => File.ReadAllText($"{t}/stack").ReplaceLineEndings(" ")));
        }
        catch (IOException)
        {
            return "it has ended";
        }
    }

    /// <summary>How many bytes it has read so far, of whatever.</summary>
    internal long BytesRead
    {
        get
        {
            try
            {
                return long.Parse(File.ReadLines($"/proc/{Id}/io").First()["rchar: ".Length..], null);
            }
            catch (IOException)
            {
                return long.MaxValue;
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

internal sealed record ChildResult(int ExitCode, string Output, string Error)
{
    /// <summary>A read failed as it does when there is nobody to serve it. Which of the errors it is depends on how far it was.</summary>
    internal void AssertReadError()
    {
        Assert.Equal(1, ExitCode);
        Assert.Matches("Input/output error|No buffer space available", Error);
    }
}
