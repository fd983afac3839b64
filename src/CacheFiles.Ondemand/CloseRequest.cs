namespace CacheFiles.Ondemand;

/// <summary>CLOSE: the kernel has closed an object. There is no answer; its descriptor is closed already.</summary>
public sealed class CloseRequest : OndemandRequest
{
    internal CloseRequest(uint messageId, uint objectId, ObjectKey? key)
        : base(messageId, objectId, key)
    {
    }

    private protected override void Refuse()
    {
    }
}
