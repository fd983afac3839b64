using System.Globalization;
using System.Text;

namespace CacheFiles.Samples.ErofsOndemand;

/// <summary>Two reports, one after the other, as a table for people.</summary>
internal static class StatusTable
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB"];

    internal static string Write(StatusReport before, StatusReport now)
    {
        // A daemon that was started in between counts from nothing.
        StatusReport? since = before.ProcessId == now.ProcessId && before.UptimeSeconds < now.UptimeSeconds ? before : null;
        var seconds = since is null ? now.UptimeSeconds : now.UptimeSeconds - since.UptimeSeconds;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"process {now.ProcessId}, up {Time(now.UptimeSeconds)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{(now.Reads - (since?.Reads ?? 0)) / seconds:0.0} READs/s, {Size((now.BytesFetched - (since?.BytesFetched ?? 0)) / seconds)}/s fetched, ");
        text.Append(CultureInfo.InvariantCulture, $"{now.ReadsInFlight} READs in flight, {now.Faults} faults, {now.ObjectsCulled} culled\n\n");
        var width = Math.Max(5, now.Blobs.Select(b => b.Domain.Length + b.Name.Length + 1).DefaultIfEmpty().Max());
        text.Append($"{"image".PadRight(width)}  {"size",10}  {"cached",10}      %\n");
        foreach (BlobStatus blob in now.Blobs)
        {
            var name = blob.Domain == blob.Name ? blob.Name : $"{blob.Domain}/{blob.Name}";
            // What is not all there is not 100 %.
            var share = blob.Length == 0 ? 1000 : blob.Cached * 1000 / blob.Length;
            text.Append(CultureInfo.InvariantCulture, $"{name.PadRight(width)}  {Size(blob.Length),10}  {Size(blob.Cached),10}  {share / 10.0,5:0.0}\n");
        }
        return text.ToString();
    }

    internal static string Size(double bytes)
    {
        var unit = 0;
        while (bytes >= 1024 && unit < s_units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {s_units[unit]}");
    }

    private static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return time.TotalDays >= 1 ? $"{(int)time.TotalDays} d {time:hh\\:mm\\:ss}" : $"{time:hh\\:mm\\:ss}";
    }
}
