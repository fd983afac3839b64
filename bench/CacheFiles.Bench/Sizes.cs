namespace CacheFiles.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Warmup">READs before anything is measured: ours fills its pools meanwhile and, where it is not native, is compiled.</param>
/// <param name="Single">READs of one reader.</param>
/// <param name="Crowd">READs of many readers together, source local.</param>
/// <param name="Away">READs of many readers together, source away; a quarter of it for the reference, which takes
/// long.</param>
/// <param name="SequentialBytes">Bytes of a sequential read.</param>
/// <param name="Objects">Objects that are open at once.</param>
/// <param name="Simulated">READs of the simulated kernel.</param>
internal sealed record Sizes(int Warmup, int Single, int Crowd, int Away, long SequentialBytes, int Objects, int Simulated)
{
    internal static Sizes Full { get; } = new(2000, 1500, 1500, 1024, 64 << 20, 10_000, 400_000);

    /// <summary>Only to see that it works.</summary>
    internal static Sizes Quick { get; } = new(16, 16, 64, 64, 1 << 20, 20, 640) { TraceSteps = 1 };

    /// <summary>Those with a name, <c>full</c> or <c>quick</c>.</summary>
    internal static Sizes Of(string name) => name == "quick" ? Quick : Full;

    /// <summary>How far the source is away, in milliseconds.</summary>
    internal int[] Delays { get; } = [5, 20, 50];

    /// <summary>How long the start of the container is: each step touches a package and a library.</summary>
    internal int TraceSteps { get; private init; } = 8;

    internal int[] Readers { get; } = [1, 16, 64];

    /// <summary>Enough for every page to be read once by all that read one mount.</summary>
    internal long RandomBytes => 4096L * (Warmup + Single + (Readers.Length * Crowd));
}
