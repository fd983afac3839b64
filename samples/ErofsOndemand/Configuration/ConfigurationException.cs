namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>The configuration file is not as it has to be: the message says where, and what is right.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
