namespace CacheFiles.Ondemand.Internal;

/// <summary>Tells the keeper of the device, if there is one, how far serving is. One that cannot be reached is a fault, and no more.</summary>
internal sealed class KeeperLink(Session session, IDeviceKeeper? keeper)
{
    internal bool IsKept => keeper is not null;

    internal Task ServingAsync() => TellAsync("serving begins", static keeper => keeper.ServingAsync(CancellationToken.None));

    internal Task StoppingAsync() => TellAsync("serving ends", static keeper => keeper.StoppingAsync(CancellationToken.None));

    private async Task TellAsync(string what, Func<IDeviceKeeper, ValueTask> tell)
    {
        if (keeper is null)
            return;
        try
        {
            await tell(keeper).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            session.Report(new OndemandFault(FaultSource.Keeper, $"the keeper could not be told that {what}", Exception: e));
        }
    }
}
