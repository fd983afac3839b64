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
        Make(++_last, images);
        return _last;
    }

    /// <summary>Makes what is missing of the objects of each number: a disk that lost its power may have kept a part of them.</summary>
    internal void Mend(params string[] images)
    {
        foreach (var number in Numbers.ToArray())
            Make(number, images);
    }

    private void Make(int number, string[] images)
    {
        foreach (var image in images)
        {
            var path = Path.Combine(Directory, $"{image}-{number}");
            if (!File.Exists(path))
                File.CreateSymbolicLink(path, Path.Combine(GuestMachine.Blobs, image));
        }
    }
}
