using System.Globalization;
using System.Text;
using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>What the kernel answers to what is written to the device.</summary>
internal static class DeviceCommands
{
    internal static Errno Run(SimulatedKernel kernel, SimulatedCache cache, ReadOnlySpan<byte> bytes)
    {
        if (cache.IsDead)
            return Errno.EIO;
        if (bytes.Length == 0 || bytes.Length > Environment.SystemPageSize - 1)
            return Errno.EOPNOTSUPP;
        if (bytes.Contains((byte)0))
            return Errno.EINVAL;
        var line = bytes.IndexOf((byte)'\n');
        if (line == 0)
            return Errno.EINVAL;
        var text = Encoding.Latin1.GetString(line < 0 ? bytes : bytes[..line]);
        var space = text.AsSpan().IndexOfAny(" \t\v\f\r");
        var verb = space < 0 ? text : text[..space];
        var argument = space < 0 ? "" : text[(space + 1)..].TrimStart();
        if (verb == "copen")
            return CompleteOpen(kernel, cache, argument);
        Errno fault = kernel.Faults.Strike(verb == "bind" ? KernelVerb.Bind : KernelVerb.Command);
        return fault != Errno.None ? fault : Run(kernel, cache, verb, argument);
    }

    /// <summary>Answers an OPEN; without a size, because what was written is no number, it fails as it does in the kernel.</summary>
    internal static Errno CompleteOpen(SimulatedKernel kernel, SimulatedCache cache, uint messageId, long? size)
    {
        Errno fault = kernel.Faults.Strike(KernelVerb.CompleteOpen);
        if (fault != Errno.None)
            return fault;
        if (cache.IsDead)
            return Errno.EIO;
        if (!cache.IsOndemand)
            return Errno.EOPNOTSUPP;
        SimulatedRequest? request = cache.Requests.Find(messageId);
        if (request is null || request.Opcode != CacheFilesUapi.CACHEFILES_OP_OPEN || request.Object.Id == 0)
            return Errno.EINVAL;
        cache.Requests.Remove(request);
        var valid = size is >= -4095;
        Errno answer = !valid ? Errno.EINVAL : size < 0 ? (Errno)(-size.Value) : request.Object.Accept(size!.Value);
        request.Object.NoteAnswered();
        request.Complete(answer);
        return valid ? Errno.None : Errno.EINVAL;
    }

    /// <summary><c>cull</c> or <c>inuse</c> from a directory.</summary>
    internal static Errno Cull(SimulatedKernel kernel, SimulatedCache cache, string verb, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        Errno fault = kernel.Faults.Strike(KernelVerb.Command);
        if (fault != Errno.None)
            return fault;
        if (name.Contains((byte)'/'))
            return Errno.EINVAL;
        if (cache.Directory is null || cache.IsDead)
            return Errno.EIO;
        byte[] root = [.. Encoding.UTF8.GetBytes(cache.DirectoryName!), (byte)'/'];
        if (!directory.StartsWith(root) || cache.Directory.FindByPath(directory[root.Length..], name) is not { } key)
            return Errno.ENOENT;
        if (kernel.Objects.IsLive(key))
            return Errno.EBUSY;
        if (verb == "cull")
        {
            cache.Directory.Remove(key);
            _ = cache.CheckSpace(0);
        }
        return Errno.None;
    }

    private static Errno Run(SimulatedKernel kernel, SimulatedCache cache, string verb, string argument)
    {
        switch (verb)
        {
            case "bind":
                return Bind(kernel, cache, argument);
            case "dir" or "tag" or "secctx":
                return SetOnce(cache, verb, argument);
            case "brun" or "bcull" or "bstop":
                return SetLimit(cache.BlockLimits, verb, argument);
            case "frun" or "fcull" or "fstop":
                return SetLimit(cache.FileLimits, verb, argument);
            case "debug":
                if (ParseMask(argument) is not { } mask)
                    return Errno.EINVAL;
                kernel.DebugMask = mask;
                return Errno.None;
            case "cull" or "inuse":
                return CullInWorkingDirectory(cache, argument);
            case "restore":
                if (!cache.IsOndemand)
                    return Errno.EOPNOTSUPP;
                cache.Requests.MarkAllNew();
                cache.Notify();
                return Errno.None;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private static Errno Bind(SimulatedKernel kernel, SimulatedCache cache, string argument)
    {
        if (cache.DirectoryName is null)
            return Errno.EINVAL;
        if (cache.Directory is not null)
            return Errno.EBUSY;
        if (argument is not ("" or "ondemand"))
            return Errno.EINVAL;
        cache.IsOndemand = argument == "ondemand";
        cache.Tag ??= "CacheFiles";
        cache.Directory = kernel.FindDirectory(cache.DirectoryName);
        _ = cache.CheckSpace(0);
        return Errno.None;
    }

    private static Errno SetOnce(SimulatedCache cache, string verb, string argument)
    {
        if (argument.Length == 0)
            return Errno.EINVAL;
        switch (verb)
        {
            case "dir" when cache.DirectoryName is null:
                cache.DirectoryName = argument;
                return Errno.None;
            case "tag" when cache.Tag is null:
                cache.Tag = argument;
                return Errno.None;
            case "secctx" when cache.SecurityContext is null:
                cache.SecurityContext = argument;
                return Errno.None;
            default:
                return verb == "secctx" ? Errno.EINVAL : Errno.EEXIST;
        }
    }

    private static Errno SetLimit(SpaceLimits limits, string verb, string argument)
        => argument is [.. var digits, '%'] && IsDigits(digits) && long.TryParse(digits, CultureInfo.InvariantCulture, out var percent)
            && limits.TrySet(verb.AsSpan(1), percent) ? Errno.None : Errno.EINVAL;

    // The working directory of the simulated process is no place where a cache has files.
    private static Errno CullInWorkingDirectory(SimulatedCache cache, string name)
        => name.Contains('/', StringComparison.Ordinal) ? Errno.EINVAL : cache.Directory is null ? Errno.EIO : Errno.ENOENT;

    private static Errno CompleteOpen(SimulatedKernel kernel, SimulatedCache cache, string argument)
    {
        if (!cache.IsOndemand)
            return Errno.EOPNOTSUPP;
        var comma = argument.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !uint.TryParse(argument.AsSpan(0, comma), CultureInfo.InvariantCulture, out var id))
            return Errno.EINVAL;
        return CompleteOpen(kernel, cache, id, long.TryParse(argument.AsSpan(comma + 1), CultureInfo.InvariantCulture, out var size) ? size : null);
    }

    /// <summary>A number as C writes it; nothing is 0.</summary>
    private static uint? ParseMask(string text)
    {
        var isHex = text.Length > 2 && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && char.IsAsciiHexDigit(text[2]);
        var radix = isHex ? 16u : text.StartsWith('0') ? 8u : 10u;
        var mask = 0u;
        foreach (var digit in isHex ? text[2..] : text)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToUInt32($"{digit}", 16) : radix;
            if (value >= radix)
                return null;
            mask = mask * radix + value;
        }
        return mask;
    }

    private static bool IsDigits(string text) => text.All(char.IsAsciiDigit);
}
