using CacheFiles.Ondemand;

var daemon = new Sample(
    "DirectoryDaemon",
    "Serves every file of a directory as a blob named by its file name.",
    [new Option("--source", "DIR", "the directory with the blobs") { Required = true }, .. Daemon.Options]);
return await daemon.RunAsync(args, static arguments => new FileRangeFetcher(arguments["--source"]));
