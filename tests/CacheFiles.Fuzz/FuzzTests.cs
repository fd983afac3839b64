using CacheFiles.Fuzz.Messages;
using CacheFiles.Fuzz.Sessions;

namespace CacheFiles.Fuzz;

/// <summary>The fuzzer finds what is wrong, repeats itself, and says what it does not understand.</summary>
public sealed class FuzzTests
{
    private const int Limit = 120_000;

    [Theory(Timeout = Limit)]
    [InlineData("WrongByte", "wrong bytes")]
    [InlineData("LostAnswer", "not answered")]
    [InlineData("SecondAnswer", "more often than it was delivered")]
    [InlineData("Leak", "descriptors of objects open")]
    [InlineData("Stray", "wrong bytes")]
    public async Task A_defect_that_is_put_in_is_found(string defect, string finding)
    {
        Sabotage sabotage = Enum.Parse<Sabotage>(defect);
        // The first seed whose plan leaves no other end to it.
        var seed = Enumerable.Range(1, 1000).First(s => new Plan(s, sabotage) is { BadSource: true, BadKernel: false, Lies: false, SmallDisk: false, Kills: false });
        var failure = await Assert.ThrowsAsync<FuzzFailure>(() => new Session(new Plan(seed, sabotage), () => { }).RunAsync());
        Assert.Contains(finding, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_makes_the_same_messages()
    {
        Assert.Equal(Messages(7), Messages(7));
        Assert.NotEqual(Messages(7), Messages(8));
        Assert.NotEqual(new Step(true, 3).SeedFrom(7), new Step(false, 3).SeedFrom(7));
    }

    [Theory(Timeout = Limit)]
    [InlineData(2, "--messages", "0")]
    [InlineData(2, "--messages", "many")]
    [InlineData(2, "--messages")]
    [InlineData(2, "--seed", "-1")]
    [InlineData(2, "--step", "x1")]
    [InlineData(2, "--nothing")]
    [InlineData(2, "stray")]
    [InlineData(0, "--help")]
    public async Task Arguments_are_checked(int status, params string[] arguments)
        => Assert.Equal(status, await FuzzCommand.RunAsync(arguments));

    private static string Messages(int seed)
    {
        var random = new Random(seed);
        var buffer = new byte[Layout.MaxSize];
        var all = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            var length = MessageMaker.Make(random, buffer);
            Mutator.Mutate(random, buffer, ref length);
            all.Add(Convert.ToHexString(buffer, 0, length));
        }
        return string.Join('\n', all);
    }
}
