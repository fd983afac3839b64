using System.Globalization;
using System.Text;

namespace CacheFiles.Interop.Tests.Proof;

/// <summary>The values that gcc gives to integer expressions over the headers of <see cref="ProofTable"/>.</summary>
internal static class CValues
{
    public static Dictionary<string, long> Of(IEnumerable<string> expressions)
    {
        var source = new StringBuilder("#define _GNU_SOURCE\n#include <stddef.h>\n#include <stdio.h>\n");
        foreach (var header in ProofTable.Headers)
            source.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        source.Append("int main(void)\n{\n");
        foreach (var expression in expressions)
            source.Append(CultureInfo.InvariantCulture, $"    printf(\"%s=%lld\\n\", \"{expression}\", (long long)({expression}));\n");
        source.Append("    return 0;\n}\n");
        return new CProgram().Run(source.ToString())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('='))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Fails where C has another value, and tells every one that differs.</summary>
    public static void Match(IReadOnlyCollection<(string Expression, long Expected)> claims)
    {
        Dictionary<string, long> values = Of(claims.Select(claim => claim.Expression).Distinct());
        Assert.NotEmpty(claims);
        string[] wrong =
        [
            .. claims
                .Where(claim => values[claim.Expression] != claim.Expected)
                .Select(claim => $"{claim.Expression} is {values[claim.Expression]} in C and {claim.Expected} here"),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }
}
