using System.Diagnostics;
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
        if (Log.Ready is [.., var last])
        {
            using (var kill = Process.Start("kill", ["-TERM", $"{last}"]))
                await kill.WaitForExitAsync();
            await _parent!.EndAsync();
        }
        _parent?.Dispose();
    }
}
