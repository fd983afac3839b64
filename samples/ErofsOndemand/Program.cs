using CacheFiles.Samples.ErofsOndemand;

return await new CommandLine(
    ServeVerb.Verb,
    CheckVerb.Verb,
    MountVerb.Verb,
    UmountVerb.Verb,
    RemountVerb.Verb,
    PrefetchVerb.Verb,
    StatusVerb.Verb,
    CullVerb.Verb,
    UpgradeVerb.Verb,
    ProbeVerb.Verb).RunAsync(args);
