using System.Globalization;
using System.Numerics;
using CacheFiles.Samples;

namespace CacheFiles.Fuzz;

/// <summary>The fuzzer as a command: <c>eng/fuzz</c>.</summary>
internal static class FuzzCommand
{
    private static readonly Option[] s_options =
    [
        new("--messages", "N", "how many messages, 1 to 10000000000; a quarter goes through sessions, the others are decoded alone (default 200000)"),
        new("--seed", "S", "0 to 2147483647; the same seed makes the same messages and the same plans (default: a random one)"),
        new("--step", "STEP", "only this step of the run that the seed makes, d0, d1, ... or s0, s1, ..., as a failure names it"),
        new("--help", null, "prints this"),
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var arguments = new Arguments(args, s_options);
            if (arguments.Has("--help"))
            {
                Console.WriteLine("usage: eng/fuzz [--messages N] [--seed S] [--step STEP]: fuzzes the decoder, and sessions on the simulated kernel (docs/fuzzing.md)");
                foreach (Option option in s_options)
                    Console.WriteLine($"  {option.Form,-14} {option.Help}");
                return 0;
            }
            var messages = Number(arguments, "--messages", 1, 10_000_000_000, 200_000);
            var seed = Number(arguments, "--seed", 0, int.MaxValue, Random.Shared.Next());
            Step? step = arguments.Find("--step") is { } text ? Step.Parse(text) ?? throw new UsageException($"--step is d0, d1, ... or s0, s1, ..., not '{text}'") : null;
            Console.WriteLine($"seed {seed}");
            return await new FuzzRun((int)seed, messages, step).RunAsync() ? 0 : 1;
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync($"fuzz: {e.Message}");
            return 2;
        }
    }

    private static T Number<T>(Arguments arguments, string name, T least, T most, T otherwise)
        where T : INumber<T>
    {
        if (arguments.Find(name) is not { } text)
            return otherwise;
        return T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out T? value) && value >= least && value <= most
            ? value
            : throw new UsageException($"{name} is a number from {least} to {most}, not '{text}'");
    }
}
