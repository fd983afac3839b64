namespace CacheFiles.Ondemand;

/// <summary>What a check of the machine found.</summary>
public enum SupportVerdict
{
    /// <summary>It is there.</summary>
    Yes,

    /// <summary>It is missing, or in the way.</summary>
    No,

    /// <summary>It cannot be found out from here.</summary>
    Unknown,
}
