using CacheFiles.Fuzz;
using Xunit.Runner.InProc.SystemConsole;

return args is ["fuzz", .. var rest] ? await FuzzCommand.RunAsync(rest) : await ConsoleRunner.Run(args);
