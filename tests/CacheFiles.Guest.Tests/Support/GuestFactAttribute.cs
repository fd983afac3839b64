using System.Runtime.CompilerServices;

namespace CacheFiles.Guest.Tests.Support;

/// <summary>A test that needs the guest's kernel. Elsewhere it is skipped, and says what is missing.</summary>
public sealed class GuestFactAttribute : FactAttribute
{
    public GuestFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
        => Skip = GuestMachine.Missing;
}

/// <inheritdoc cref="GuestFactAttribute"/>
public sealed class GuestTheoryAttribute : TheoryAttribute
{
    public GuestTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
        => Skip = GuestMachine.Missing;
}
