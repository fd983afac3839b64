using CacheFiles.Interop;

namespace CacheFiles.Ondemand.Testing.Internal;

/// <summary>The unanswered requests: new ones and those that the daemon has read. Guarded by the kernel's lock.</summary>
/// <remarks>Ids are given in a circle, and so are requests handed out: the search goes on behind the last one that was read.</remarks>
internal sealed class RequestQueue(uint firstId)
{
    // Sorted by id. As good as always a new one goes to the end.
    private readonly List<SimulatedRequest> _requests = [];
    private uint _nextToRead = firstId;

    /// <summary>Where the search for a free id begins.</summary>
    internal uint NextId { get; set; } = firstId;

    /// <summary>How many the daemon has not read.</summary>
    internal int NewCount => _requests.Count(r => r.IsNew);

    internal void Add(SimulatedRequest request)
    {
        int index;
        while ((index = IndexOf(NextId)) >= 0)
            NextId++;
        request.Id = NextId++;
        request.IsNew = true;
        _requests.Insert(~index, request);
    }

    internal SimulatedRequest? Find(uint id) => IndexOf(id) is >= 0 and var index ? _requests[index] : null;

    internal bool Remove(SimulatedRequest request)
    {
        if (Find(request.Id) != request)
            return false;
        _requests.RemoveAt(IndexOf(request.Id));
        return true;
    }

    /// <summary>Whether poll says POLLIN: a new request, other than a READ whose object is being opened again.</summary>
    internal bool HasNew()
    {
        foreach (SimulatedRequest request in _requests)
        {
            if (request.IsNew && !(IsRead(request) && request.Object.State == ObjectState.Reopening))
                return true;
        }
        return false;
    }

    /// <summary>Finds the next request to hand out. A READ of an object whose descriptor is closed is passed over, and its object noted for
    /// opening again.</summary>
    internal SimulatedRequest? SelectNew(List<SimulatedObject> toReopen)
    {
        var start = IndexOf(_nextToRead);
        start = start < 0 ? ~start : start;
        for (var i = 0; i < _requests.Count; i++)
        {
            SimulatedRequest request = _requests[(start + i) % _requests.Count];
            if (!request.IsNew)
                continue;
            if (IsRead(request) && request.Object.State == ObjectState.Closed)
            {
                request.Object.State = ObjectState.Reopening;
                toReopen.Add(request.Object);
            }
            if (!IsRead(request) || request.Object.State != ObjectState.Reopening)
                return request;
        }
        return null;
    }

    /// <summary>The daemon has read it.</summary>
    internal void MarkRead(SimulatedRequest request)
    {
        request.IsNew = false;
        _nextToRead = request.Id + 1;
    }

    /// <summary><c>restore</c>: all of them are new again.</summary>
    internal void MarkAllNew()
    {
        foreach (SimulatedRequest request in _requests)
            request.IsNew = true;
    }

    /// <summary>Answers with an error what is left of one object, or of all.</summary>
    internal void Flush(Errno error, SimulatedObject? only = null)
    {
        for (var i = _requests.Count - 1; i >= 0; i--)
        {
            SimulatedRequest request = _requests[i];
            if (only is not null && request.Object != only)
                continue;
            _requests.RemoveAt(i);
            request.Complete(error);
        }
    }

    private static bool IsRead(SimulatedRequest request) => request.Opcode == CacheFilesUapi.CACHEFILES_OP_READ;

    private int IndexOf(uint id)
    {
        var (low, high) = (0, _requests.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_requests[middle].Id == id)
                return middle;
            if (_requests[middle].Id < id)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
