namespace CacheFiles.Ondemand;

/// <summary>The six limits of the cache, in percent of its file system: when the kernel asks for culling and when it stops caching.</summary>
/// <remarks>Each pair of three has to satisfy <c>0 &lt;= stop &lt; cull &lt; run &lt; 100</c>. The defaults are the kernel's own: 7, 5, 1.</remarks>
public sealed record CullLimits
{
    /// <summary><c>brun</c>: culling ends when at least this share of the blocks is free. Percent; default 7.</summary>
    public int RunBlocksPercent { get; init; } = 7;

    /// <summary><c>bcull</c>: culling is wanted when less than this share of the blocks is free. Percent; default 5.</summary>
    public int CullBlocksPercent { get; init; } = 5;

    /// <summary><c>bstop</c>: nothing more is cached when less than this share of the blocks is free. Percent; default 1.</summary>
    public int StopBlocksPercent { get; init; } = 1;

    /// <summary><c>frun</c>: culling ends when at least this share of the files is free. Percent; default 7.</summary>
    public int RunFilesPercent { get; init; } = 7;

    /// <summary><c>fcull</c>: culling is wanted when less than this share of the files is free. Percent; default 5.</summary>
    public int CullFilesPercent { get; init; } = 5;

    /// <summary><c>fstop</c>: nothing more is cached when less than this share of the files is free. Percent; default 1.</summary>
    public int StopFilesPercent { get; init; } = 1;

    internal void Validate()
    {
        Validate("Blocks", StopBlocksPercent, CullBlocksPercent, RunBlocksPercent);
        Validate("Files", StopFilesPercent, CullFilesPercent, RunFilesPercent);
    }

    private static void Validate(string what, int stop, int cull, int run)
    {
        if (!(stop >= 0 && stop < cull && cull < run && run < 100))
        {
            throw new ArgumentException(
                $"The limits have to satisfy 0 <= Stop{what}Percent < Cull{what}Percent < Run{what}Percent < 100, not {stop}, {cull}, {run}.");
        }
    }
}
