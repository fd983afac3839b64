using CacheFiles.Interop;
using CacheFiles.Ondemand;
using CacheFiles.Ondemand.Testing;

namespace CacheFiles.Fuzz.Sessions;

/// <summary>What happens in one session, decided by its seed. A session without a hazard has to go perfectly.</summary>
internal sealed class Plan
{
    private static readonly Errno[] s_errnos =
        [Errno.EIO, Errno.ENOSPC, Errno.ENOBUFS, Errno.EINVAL, Errno.EBADF, Errno.EINTR, Errno.EAGAIN, Errno.EMFILE, Errno.ENOMEM, Errno.EPERM, Errno.EBUSY, Errno.EMSGSIZE];

    private static readonly KernelVerb[] s_verbs = Enum.GetValues<KernelVerb>();

    internal Plan(int seed, Sabotage sabotage)
    {
        Seed = seed;
        Sabotage = sabotage;
        var random = new Random(seed);
        Version = random.Next(2) == 0 ? SimulatedKernelVersion.Linux612 : SimulatedKernelVersion.Linux61;
        BadSource = random.Next(2) == 0;
        BadKernel = random.Next(2) == 0;
        Lies = random.Next(3) == 0;
        SmallDisk = random.Next(4) == 0;
        Kills = random.Next(2) == 0;
        Readers = random.Next(1, 7);
        Lives = random.Next(1, 6);
        MessagesPerLife = sabotage == Sabotage.LostAnswer ? int.MaxValue : random.Next(50, 600);
        Options = new OndemandOptions
        {
            CacheDirectory = "/cache",
            MaxConcurrentFetches = random.Next(1, 20),
            MaxBufferedBytes = 1 << random.Next(20, 23),
            MaxReadAheadBytes = random.Next(3) == 0 ? 0 : 1L << random.Next(12, 21),
            RequestDeadline = TimeSpan.FromMilliseconds(IsHostile ? random.Next(20, 150) : 60_000),
            DrainTimeout = TimeSpan.FromMilliseconds(IsHostile ? random.Next(100) : 60_000),
            HandOverTimeout = TimeSpan.FromMilliseconds(random.Next(50)),
            Limits = SmallDisk && random.Next(2) == 0 ? new CullLimits { StopBlocksPercent = 0 } : null,
        };
    }

    internal int Seed { get; }

    /// <summary>A defect that is put in on purpose, for the fuzzer's own tests.</summary>
    internal Sabotage Sabotage { get; }

    /// <summary>How long an answer may take beyond the deadline, on a busy machine too. Where one is lost on purpose there is nothing to wait for.</summary>
    internal TimeSpan Grace => Sabotage == Sabotage.LostAnswer ? TimeSpan.Zero : TimeSpan.FromSeconds(30);

    /// <summary>How long a daemon lives at most. What it leaves behind is seen at its end.</summary>
    internal TimeSpan LifeTime => Sabotage is Sabotage.None or Sabotage.Leak ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(30);

    internal SimulatedKernelVersion Version { get; }

    /// <summary>Whether the source throws, is late, delivers too little or too much, or never ends.</summary>
    internal bool BadSource { get; }

    /// <summary>Whether calls of the kernel fail.</summary>
    internal bool BadKernel { get; }

    /// <summary>Whether messages are changed, repeated and made up.</summary>
    internal bool Lies { get; }

    /// <summary>Whether the disk is smaller than what is read.</summary>
    internal bool SmallDisk { get; }

    /// <summary>Whether reading tasks are killed.</summary>
    internal bool Kills { get; }

    internal int Readers { get; }

    /// <summary>How many daemons follow each other.</summary>
    internal int Lives { get; }

    internal int MessagesPerLife { get; }

    internal OndemandOptions Options { get; }

    /// <summary>Whether a reader may get EIO, and the daemon may report faults.</summary>
    internal bool IsHostile => BadSource || BadKernel || Lies || SmallDisk;

    /// <summary>Whether an answer may be lost, so that only a signal ends who waits for it.</summary>
    internal bool LosesAnswers => BadKernel || Lies;

    internal SimulatedKernelOptions KernelOptions => new()
    {
        Version = Version,
        Seed = 1 + Seed % int.MaxValue,
        CapacityBytes = SmallDisk ? (64 + Seed % 500) * Blobs.PageSize : 1L << 40,
    };

    /// <summary>Lets the next calls of some verb fail.</summary>
    internal static void PlanFault(LockedRandom random, FaultPlan faults)
        => faults.Fail(s_verbs[random.Next(s_verbs.Length)], s_errnos[random.Next(s_errnos.Length)], nth: random.Next(1, 20), times: random.Next(8) == 0 ? random.Next(1, 40) : 1);

    public override string ToString()
        => $"Linux {(Version == SimulatedKernelVersion.Linux61 ? "6.1" : "6.12")}{(BadSource ? ", bad source" : "")}{(BadKernel ? ", failing calls" : "")}"
            + $"{(Lies ? ", lying messages" : "")}{(SmallDisk ? ", small disk" : "")}{(Kills ? ", killed readers" : "")}";
}

/// <summary>Defects that the fuzzer has to find.</summary>
internal enum Sabotage
{
    /// <summary>None.</summary>
    None,

    /// <summary>A byte of a write is changed.</summary>
    WrongByte,

    /// <summary>A READ is not answered.</summary>
    LostAnswer,

    /// <summary>A READ is answered twice.</summary>
    SecondAnswer,

    /// <summary>A descriptor is not closed.</summary>
    Leak,

    /// <summary>A page is written that nobody asked for.</summary>
    Stray,
}
