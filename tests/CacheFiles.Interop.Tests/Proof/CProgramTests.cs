using System.Diagnostics;
using Xunit.Sdk;

namespace CacheFiles.Interop.Tests.Proof;

public sealed class CProgramTests
{
    private const string Packages = "apt-get install gcc libc6-dev linux-libc-dev";

    [Fact]
    public void What_a_program_prints_comes_back()
        => Assert.Equal("42\n", new CProgram().Run("#include <stdio.h>\nint main(void) { return printf(\"%d\\n\", 6 * 7) < 0; }"));

    [Fact]
    public void A_missing_compiler_fails_and_names_the_packages()
        => Assert.Contains(Packages, Failure("int main(void) { return 0; }", "a-compiler-that-is-not-there"), StringComparison.Ordinal);

    [Fact]
    public void A_missing_header_fails_and_names_the_packages()
    {
        var failure = Failure("#include <linux/not-there.h>\nint main(void) { return 0; }");
        Assert.Contains("linux/not-there.h", failure, StringComparison.Ordinal);
        Assert.Contains(Packages, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_of_the_compiler_fails()
        => Assert.Contains("unused", Failure("int main(void) { int unused; return 0; }"), StringComparison.Ordinal);

    [Fact]
    public void A_program_that_fails_is_not_taken_for_one_that_prints_nothing()
        => Assert.Contains("returned 3", Failure("int main(void) { return 3; }"), StringComparison.Ordinal);

    [Fact]
    public void A_program_that_does_not_end_is_killed()
    {
        // The compiler has the same limit: the program is only reached with enough of it.
        var limit = TimeSpan.FromSeconds(1);
        var program = new CProgram { Limit = limit };
        var watch = Stopwatch.StartNew();
        FailException failure = Assert.Throws<FailException>(() => program.Run("#include <unistd.h>\nint main(void) { for (;;) pause(); }"));
        Assert.Contains("did not end within", failure.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, limit, 20 * limit);
    }

    private static string Failure(string source, string compiler = "gcc")
        => Assert.Throws<FailException>(() => new CProgram(compiler).Run(source)).Message;
}
