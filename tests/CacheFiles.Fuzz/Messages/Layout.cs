namespace CacheFiles.Fuzz.Messages;

/// <summary>Where the fields of a message are: written down once more, so that the fuzzer does not believe what it tests.</summary>
internal static class Layout
{
    internal const int IdAt = 0;
    internal const int OpcodeAt = 4;
    internal const int LengthAt = 8;
    internal const int ObjectAt = 12;
    internal const int HeaderSize = 16;
    internal const int VolumeSizeAt = 16;
    internal const int CookieSizeAt = 20;
    internal const int FlagsAt = 28;
    internal const int OffsetAt = 16;
    internal const int CountAt = 24;
    internal const int KeysAt = 32;
    internal const int MaxSize = 1024;

    internal const uint Open = 0;
    internal const uint Close = 1;
    internal const uint Read = 2;
}
