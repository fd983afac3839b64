// What runs in the guest: measures, prints the table, writes the results. And on the host: checks what was written.
//
//   CacheFiles.Bench measure OUTPUT ROUNDS SECONDS full|quick [ROW]
//   CacheFiles.Bench check RESULTS full|quick
using System.Globalization;
using CacheFiles.Bench;
using CacheFiles.Bench.Results;

Sizes sizes = args[args[0] == "check" ? 2 : 4] == "quick" ? Sizes.Quick : Sizes.Full;
IReadOnlyList<Measure> measures = Measures.All(sizes);
if (args[0] == "check")
    return Report.Check(args[1], measures);
if (args.Length > 5)
    measures = [.. measures.Where(measure => measure.Name.Contains(args[5], StringComparison.OrdinalIgnoreCase))];
if (measures.Count == 0)
{
    Console.Error.WriteLine($"bench: no row has '{args[5]}' in its name");
    return 2;
}
var all = new Rounds(sizes, int.Parse(args[2], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(args[3], CultureInfo.InvariantCulture)));
IReadOnlyList<Row> rows = await all.RunAsync(measures);
Report.Save(rows, args[1]);
Report.Print(rows);
all.PrintProfile();
return rows.Any(row => row.HasFailed) ? 1 : 0;
