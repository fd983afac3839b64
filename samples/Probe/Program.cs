using CacheFiles.Interop;
using CacheFiles.Ondemand;

Option[] options =
[
    new("--cache", "DIR", "the directory where the cache is to be"),
    new("--device", "PATH", $"the device node; {DeviceHandle.DefaultPath} if not given"),
    new("--json", null, "prints JSON"),
    new("--help", null, "prints this"),
];
try
{
    var arguments = new Arguments(args, options);
    if (arguments.Has("--help"))
    {
        Console.WriteLine("Probe [--cache DIR] [--device PATH] [--json]: tells what this machine can do for on-demand caching.");
        foreach (Option option in options)
            Console.WriteLine($"  {option.Form,-16} {option.Help}");
        return 0;
    }
    CacheFilesSupport support = CacheFilesSupport.Probe(arguments.Find("--cache"), arguments.Find("--device") ?? DeviceHandle.DefaultPath);
    return ProbeReport.Print(support, arguments.Has("--json"));
}
catch (UsageException e)
{
    Console.Error.WriteLine($"Probe: {e.Message}");
    return 2;
}
