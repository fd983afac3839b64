using CacheFiles.Guest.Tests.Support;
using Xunit.Runner.InProc.SystemConsole;

// A reader is a process of its own: it can be killed when it hangs, and a page fault in it never stops the daemon's garbage collector.
return args is ["read", .. var rest] ? Reader.Run(rest) : await ConsoleRunner.Run(args);
