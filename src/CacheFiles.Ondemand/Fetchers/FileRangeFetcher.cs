using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace CacheFiles.Ondemand;

/// <summary>Serves the files of one directory: each is the object whose cookie key is its name.</summary>
/// <remarks>
/// A key that is not a plain file name (<see cref="ObjectKey.TryGetFileName"/>) is no object, and neither is anything but a regular file. Links
/// are followed. A file's length is taken when the object is opened; a file that is shorter by the time it is read is a fault.
/// </remarks>
public sealed class FileRangeFetcher : IRangeFetcher, IDisposable
{
    private readonly string _directory;
    private readonly ConcurrentDictionary<ObjectKey, SafeFileHandle> _files = new();

    /// <summary>Serves a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    public FileRangeFetcher(string directory)
    {
        _directory = Path.GetFullPath(directory);
        if (!Directory.Exists(_directory))
        {
            throw new DirectoryNotFoundException(File.Exists(_directory)
                ? $"The source directory {_directory} is a file: name the directory that it is in."
                : $"The source directory {_directory} does not exist: name the one that holds the blobs.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetLengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        // A file that was replaced since its object was last open is opened anew.
        ObjectClosed(key);
        SafeFileHandle? file = Open(key);
        if (file is null)
            return default;
        var length = RandomAccess.GetLength(file);
        if (!_files.TryAdd(key, file))
            file.Dispose();
        return new(length);
    }

    /// <inheritdoc/>
    public async ValueTask FetchAsync(ObjectKey key, ByteRange range, RangeWriter writer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        while (writer.Remaining > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A local file is read at once: a hop to another thread would cost more than the read.
            var count = Read(key, writer.GetSpan(), writer.Position);
            if (count == 0)
                throw new RangeFetchException($"{key.CookieText} ends at {writer.Position}: the file became shorter after it was opened");
            writer.Advance(count);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void ObjectClosed(ObjectKey key)
    {
        if (_files.TryRemove(key, out SafeFileHandle? file))
            file.Dispose();
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (ObjectKey key in _files.Keys)
            ObjectClosed(key);
    }

    private int Read(ObjectKey key, Span<byte> destination, long offset)
    {
        try
        {
            if (_files.TryGetValue(key, out SafeFileHandle? open))
                return RandomAccess.Read(open, destination, offset);
        }
        catch (ObjectDisposedException)
        {
            // The object was closed, or opened anew, meanwhile.
        }
        using SafeFileHandle file = Open(key) ?? throw new FileNotFoundException($"{key.CookieText} is gone from {_directory}.");
        return RandomAccess.Read(file, destination, offset);
    }

    private SafeFileHandle? Open(ObjectKey key)
    {
        if (!key.TryGetFileName(out var name))
            return null;
        var path = Path.Combine(_directory, name);
        return File.Exists(path) ? File.OpenHandle(path, options: FileOptions.RandomAccess) : null;
    }
}
