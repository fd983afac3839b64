using System.Globalization;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Torture;

/// <summary>A directory for a daemon to serve, with as many objects of the same content as are wanted: IMAGE-NUMBER.</summary>
internal sealed class Blobs
{
    private int _last;

    internal Blobs(string directory)
    {
        Directory = System.IO.Directory.CreateDirectory(directory).FullName;
        _last = Numbers.LastOrDefault(-1);
    }

    internal string Directory { get; }

    internal IEnumerable<string> Names => System.IO.Directory.GetFileSystemEntries(Directory).Select(e => Path.GetFileName(e));

    /// <summary>Those that were handed out, in order.</summary>
    internal IEnumerable<int> Numbers => Names.Select(n => int.Parse(n.Split('-')[1], CultureInfo.InvariantCulture)).Distinct().Order();

    /// <summary>Makes objects with the content of some images, under a number that was not there before.</summary>
    internal int Next(params string[] images)
    {
        _last++;
        foreach (var image in images)
            File.CreateSymbolicLink(Path.Combine(Directory, $"{image}-{_last}"), Path.Combine(GuestMachine.Blobs, image));
        return _last;
    }
}
