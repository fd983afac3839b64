// Measures, prints the table, writes the results; and looks at what was written.
//
//   CacheFiles.Bench measure host|guest RESULTS ROUNDS SECONDS full|quick [ROW]
//   CacheFiles.Bench check RESULTS full|quick
//
// The host comes first, with what needs no kernel; the guest adds the rest to its results.
using System.Globalization;
using CacheFiles.Bench;
using CacheFiles.Bench.Results;

if (args[0] == "check")
    return Report.Check(args[1], Measures.All(Sizes.Of(args[2])));
var isGuest = args[1] == "guest";
var sizes = Sizes.Of(args[5]);
IReadOnlyList<Measure> measures = [.. Measures.All(sizes).Where(measure => args.Length <= 6 || measure.Name.Contains(args[6], StringComparison.OrdinalIgnoreCase))];
if (measures.Count == 0)
{
    Console.Error.WriteLine($"bench: no row has '{args[6]}' in its name");
    return 2;
}
var all = new Rounds(sizes, int.Parse(args[3], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(args[4], CultureInfo.InvariantCulture)));
IReadOnlyList<Row> rows = await all.RunAsync([.. measures.Where(measure => measure.Group == Group.Simulated != isGuest)]);
if (isGuest)
{
    rows = Report.InOrder([.. rows, .. Report.Load(args[2])], measures);
    Report.Print(rows);
    all.PrintProfile();
}
Report.Save(rows, args[2]);
return rows.Any(row => row.HasFailed) ? 1 : 0;
