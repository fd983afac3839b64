namespace CacheFiles.Samples;

/// <summary>An argument that a sample knows.</summary>
/// <param name="Name">Its name, with the dashes.</param>
/// <param name="Value">What its value is called in the usage; null for an option without a value.</param>
/// <param name="Help">What it means, in one line.</param>
internal sealed record Option(string Name, string? Value, string Help)
{
    /// <summary>Whether it has to be given.</summary>
    internal bool Required { get; init; }

    /// <summary>Whether it may be given more than once.</summary>
    internal bool Repeatable { get; init; }

    /// <summary>How it is written.</summary>
    internal string Form => Value is null ? Name : $"{Name} {Value}";
}
