namespace CacheFiles.Ondemand.Internal;

/// <summary>Where the pump's requests go. No method blocks.</summary>
internal interface IRequestSink
{
    /// <summary>An object is opened; the sink owns its file from now on.</summary>
    void OnOpen(uint messageId, uint objectId, ObjectKey key, IKernelObject file);

    /// <summary>A reader waits. From now on the sink knows of it.</summary>
    /// <param name="messageId">The READ.</param>
    /// <param name="objectId">The object, which may be unknown.</param>
    /// <param name="range">The range.</param>
    /// <returns>What serves it, on whatever thread; null where nothing is left to do.</returns>
    IThreadPoolWorkItem? OnRead(uint messageId, uint objectId, ByteRange range);

    /// <summary>A READ whose range makes no sense: release its reader.</summary>
    void OnBadRead(uint messageId, uint objectId);

    /// <summary>An object is closed.</summary>
    void OnClose(uint messageId, uint objectId);
}
