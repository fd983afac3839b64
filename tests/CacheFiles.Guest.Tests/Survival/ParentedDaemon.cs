using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A shell keeps the device, as docs/operating.md has it.</summary>
internal sealed class ParentedDaemon(string[] settings) : KeptDaemon("parent", settings)
{
    private const string Script = """
        exec 9<>/dev/cachefiles
        export CACHEFILES_DEVICE_FD=9 CACHEFILES_STATE_FILE=$1/state.json
        shift
        until "$@" >>"$0" 2>&1; do :; done
        """;

    private Child? _parent;

    internal override int KeeperId => _parent!.Id;

    protected override Task BeginAsync()
    {
        _parent = Child.Start("bash", ["-c", Script, Log.Path, Directory, .. Command]);
        return Task.CompletedTask;
    }

    protected override async Task EndAsync()
    {
        if (Log.IsReady)
        {
            await Child.SendAsync("TERM", Log.Ready[^1]);
            await _parent!.EndAsync();
        }
        else
        {
            // The parent first: it would start another one.
            _parent?.Signal("KILL");
            foreach (var daemon in Log.Begun.Where(ProcessTable.Runs))
                await Child.SendAsync("KILL", daemon);
        }
        _parent?.Dispose();
        await Bounded.Until("the daemon's end", () => !Log.Begun.Any(ProcessTable.Runs));
    }
}
