using System.Text;
using CacheFiles.Samples.ErofsOndemand;

namespace CacheFiles.Samples.Tests.Ondemand;

public class ControlLineTests
{
    [Fact]
    public void A_request_is_one_line_of_JSON()
    {
        ControlRequest request = ControlLine.Parse("""{"version":1,"verb":"cull","bytes":5,"dryRun":true}"""u8);
        Assert.Equal(new ControlRequest { Version = 1, Verb = "cull", Bytes = 5, DryRun = true }, request);
    }

    [Theory]
    [InlineData("it is no request", "")]
    [InlineData("it is no request", "null")]
    [InlineData("it is no request", "[]")]
    [InlineData("it is no request", "status")]
    [InlineData("it is no request", """{"version":1,"verb":"status"} {}""")]
    [InlineData("it is no request", """{"version":1}""")]
    [InlineData("it is no request", """{"verb":"status"}""")]
    [InlineData("it is no request", """{"version":1,"verb":"cull","byte":5}""")]
    [InlineData("it is no request", """{"version":1,"verb":"cull","bytes":"5"}""")]
    [InlineData("it is no request", """{"version":1,"verb":"cull","bytes":99999999999999999999}""")]
    [InlineData("this daemon speaks version 1, not 2", """{"version":2,"verb":"status"}""")]
    public void What_is_none_is_refused(string complaint, string line)
        => Assert.StartsWith(complaint, Assert.Throws<InvalidDataException>(() => ControlLine.Parse(Encoding.UTF8.GetBytes(line))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(0, 1000, true)]
    [InlineData(1001, 1000, false)]
    [InlineData(1000, 0, false)]
    public void Only_the_daemon_s_user_and_root_may_ask(uint user, uint own, bool may) => Assert.Equal(may, ControlServer.MayAsk(user, own));
}
