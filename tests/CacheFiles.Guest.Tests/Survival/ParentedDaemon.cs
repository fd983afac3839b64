using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A shell keeps the device, as docs/operating.md has it.</summary>
internal sealed class ParentedDaemon(string[] settings) : KeptDaemon("inherited", settings)
{
    private const string Script = """
        exec 9<>/dev/cachefiles
        export CACHEFILES_DEVICE_FD=9 CACHEFILES_STATE_FILE=$1/state.json
        ends=$2
        shift 2
        $ends "$@" >>"$0" 2>&1
        until "$@" >>"$0" 2>&1; do :; done
        """;

    private Child? _parent;

    /// <summary>What the first daemon is started by, or nothing: words without spaces.</summary>
    internal string First { get; init; } = ":";

    internal override int KeeperId => _parent!.Id;

    protected override Task BeginAsync()
    {
        _parent = Child.Start("bash", ["-c", Script, Log.Path, Directory, First, .. Command]);
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
