using CacheFiles.Bench.Machine;

namespace CacheFiles.Bench.Results;

/// <summary>Every row, in the order of the table.</summary>
internal static class Measures
{
    private static readonly string s_one = Variant.OneThread.Name;
    private static readonly string s_four = Variant.FourThreads.Name;
    private static readonly string s_wide = Variant.Widening.Name;

    internal static IReadOnlyList<Measure> All(Sizes sizes)
        => [.. sizes.Readers.SelectMany(Local), .. LocalRest(), .. sizes.Delays.SelectMany(Away), .. Objects(sizes), .. Simulated()];

    private static IEnumerable<Measure> Local(int readers)
    {
        var title = $"cold random 4 KiB, {readers} {(readers == 1 ? "reader" : "readers")}, local";
        var alone = readers == 1;
        string[] references = alone ? [s_one] : [s_one, s_four];
        yield return new(Group.Local, $"random{readers}/p50", $"{title}: p50", "us", references) { Reach = alone ? 1.05 : null };
        yield return new(Group.Local, $"random{readers}/p99", $"{title}: p99", "us", references) { Reach = alone ? 1.05 : null };
        yield return new(Group.Local, $"random{readers}/rate", $"{title}: requests/s", "1/s", references) { MoreIsBetter = true, Reach = alone ? null : 1.0 };
        yield return new(Group.Local, $"random{readers}/cpu", $"{title}: daemon CPU per READ", "us", s_one) { Reach = alone ? 1.5 : null };
    }

    private static IEnumerable<Measure> LocalRest()
    {
        yield return new(Group.Local, "allocated", "managed bytes allocated per READ, 1 reader, local", "B") { Reach = 0 };
        yield return new(Group.Local, "sequential", "sequential cold read, local", "MB/s", s_one, s_wide) { MoreIsBetter = true };
        yield return new(Group.Local, "start", "start of the process to ready", "ms", s_one);
    }

    private static IEnumerable<Measure> Away(int delay)
    {
        var away = $"source {delay} ms away";
        var isTarget = delay == 20;
        Measure Read(string reference, double reach)
            => new(Group.Away, $"sequential{delay}", $"sequential cold read, {away}", "MB/s", reference) { MoreIsBetter = true, Reach = isTarget ? reach : null };
        yield return Read("plain download", 0.9);
        yield return Read(s_one, 5);
        yield return Read(s_wide, 1.3);
        yield return new(Group.Away, $"crowd{delay}", $"cold random 4 KiB, 64 readers, {away}: requests/s", "1/s", s_four) { MoreIsBetter = true, Reach = delay == 50 ? 12 : null };
        yield return new(Group.Away, $"trace{delay}", $"cold start of a container, {away}", "s", s_one, s_wide);
        yield return new(Group.Away, $"trace{delay}", $"cold start of a container, {away}, 2 MiB around what is asked for", "s", s_wide) { Ours = Variant.Around.Name };
        yield return new(Group.Away, $"trace{delay}", $"cold start of a container, {away}, trace replayed: times faster", "s", Variant.Ours.Name)
        {
            Ours = Variant.Replaying.Name,
            IsSpeedup = true,
            Reach = isTarget ? 3 : null,
        };
        yield return new(Group.Away, $"bytes{delay}", $"bytes fetched by that start, {away}, trace replayed", "B", "bytes touched")
        {
            Ours = Variant.Replaying.Name,
            Reach = isTarget ? 1.2 : null,
        };
    }

    private static IEnumerable<Measure> Objects(Sizes sizes)
    {
        yield return new(Group.Objects, "objects/memory", $"managed memory per open object, {sizes.Objects} objects", "B") { Reach = 2048 };
        yield return new(Group.Objects, "objects/p50", $"cold random 4 KiB, 1 reader, local, {sizes.Objects} objects open: p50", "us", s_one);
    }

    private static IEnumerable<Measure> Simulated()
    {
        yield return new(Group.Simulated, "simulated", "pump + engine, simulated kernel: time per READ", "us", "bare loop") { Reach = 2 };
    }
}
