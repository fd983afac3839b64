namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The argument that names the configuration file.</summary>
internal static class ConfigFile
{
    internal const string Default = "/etc/erofs-ondemand.conf";

    internal static string PathOf(Arguments arguments) => Path.GetFullPath(arguments.Find("--config") ?? Default);

    /// <exception cref="ConfigurationException">It is not there, or not right.</exception>
    internal static Configuration Load(Arguments arguments) => Configuration.Load(PathOf(arguments));
}
