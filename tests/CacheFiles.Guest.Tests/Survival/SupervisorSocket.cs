using System.Net.Sockets;
using System.Text;
using CacheFiles.Guest.Tests.Support;

namespace CacheFiles.Guest.Tests.Survival;

/// <summary>A supervisor's socket, without the library.</summary>
internal static class SupervisorSocket
{
    // Connects, says what it is given in hexadecimal digits, and prints the answer.
    private const string Talk = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!; print $s pack('H*', $ARGV[1]); $s->flush; shutdown($s, 1); print <$s>;";

    /// <summary>Sends bytes, ends the sending side, and gives what is answered.</summary>
    internal static async Task<string> SendAsync(string path, byte[] message)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var answer = new byte[4096];
        var length = 0;
        try
        {
            await socket.SendAsync(message);
            socket.Shutdown(SocketShutdown.Send);
            for (int count; (count = await socket.ReceiveAsync(answer.AsMemory(length)).AsTask().WaitAsync(Bounded.Limit)) > 0;)
                length += count;
        }
        catch (SocketException)
        {
            // It was sent away before it had said everything.
        }
        return Encoding.UTF8.GetString(answer, 0, length);
    }

    /// <summary>The same as another user.</summary>
    internal static async Task<ChildResult> SendAsAsync(int user, string path, byte[] message)
    {
        using var talk = Child.Start("setpriv", $"--reuid={user}", "--clear-groups", "perl", "-e", Talk, path, Convert.ToHexString(message));
        return await talk.EndAsync();
    }
}
