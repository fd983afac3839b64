using System.Globalization;

namespace CacheFiles.Fuzz;

/// <summary>A part of a run that can be repeated alone.</summary>
/// <param name="IsSession">Whether it is a session; else a batch of messages that are decoded.</param>
/// <param name="Number">Counted from 0.</param>
internal readonly record struct Step(bool IsSession, int Number)
{
    internal static Step? Parse(string text)
        => text is ['d' or 's', .. var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Step(text[0] == 's', number)
            : null;

    /// <summary>The seed of the step alone.</summary>
    internal int SeedFrom(int seed)
    {
        var mixed = ((ulong)(uint)seed << 33) + ((ulong)(uint)Number << 1) + (IsSession ? 1UL : 0);
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        return (int)((mixed ^ mixed >> 31) & int.MaxValue);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsSession ? 's' : 'd')}{Number}");
}
