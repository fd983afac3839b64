namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>A key of the configuration file.</summary>
/// <param name="Section">The section that it is in.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Form">How its value is written, for people.</param>
/// <param name="Default">What it is where it is not given, as it would be written.</param>
/// <param name="Help">What it means, in one line.</param>
internal abstract record Setting(string Section, string Name, string Form, string Default, string Help)
{
    /// <summary>What stands for no value.</summary>
    internal const string None = "none";

    /// <summary>Whether it has to be given.</summary>
    internal bool Required { get; init; }

    /// <summary>Whether it may be given more than once.</summary>
    internal bool Repeatable { get; init; }

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">It is none: the message says what one is.</exception>
    internal abstract object? Read(string text);
}

/// <inheritdoc/>
internal sealed record Setting<T>(string Section, string Name, string Form, string Default, string Help, Func<string, T> Parse)
    : Setting(Section, Name, Form, Default, Help)
{
    internal override object? Read(string text) => Parse(text);
}
