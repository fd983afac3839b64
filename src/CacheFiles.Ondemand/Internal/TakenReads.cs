namespace CacheFiles.Ondemand.Internal;

/// <summary>Lists for the READs that one step takes, kept per thread so that a step allocates nothing.</summary>
internal static class TakenReads
{
    [ThreadStatic]
    private static List<Waiter>? t_spare;

    internal static List<Waiter> Rent()
    {
        List<Waiter> list = t_spare ?? [];
        t_spare = null;
        return list;
    }

    internal static void Return(List<Waiter> list)
    {
        list.Clear();
        t_spare = list;
    }
}
