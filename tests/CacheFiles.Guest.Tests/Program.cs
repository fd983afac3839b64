using CacheFiles.Guest.Tests.Support;
using CacheFiles.Guest.Tests.Torture;
using Xunit.Runner.InProc.SystemConsole;

// A reader is a process of its own: it can be killed when it hangs, and a page fault in it never stops the daemon's garbage collector.
// So is who kills daemons hundreds of times.
return args switch
{
    ["read", .. var rest] => Reader.Run(rest),
    ["torture", .. var rest] => await TortureProgram.RunAsync(rest),
    _ => await TestAsync(args),
};

// In a method of its own, so that the others start without xunit.
static Task<int> TestAsync(string[] args) => ConsoleRunner.Run(args);
