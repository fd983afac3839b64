namespace CacheFiles.Interop.Tests.Proof;

public sealed class CompletenessTests
{
    private static readonly Type[] s_mirrors = [.. Completeness.Mirrors(typeof(CacheFilesMsg).Assembly)];

    [Fact]
    public void Every_struct_field_constant_and_error_number_is_in_the_table()
        => Assert.Equal("", string.Join('\n', Completeness.Missing(s_mirrors)));

    [Fact]
    public void The_table_has_nothing_that_is_gone() => Assert.Equal("", string.Join('\n', Completeness.Stale(s_mirrors)));

    [Fact]
    public void The_types_that_are_looked_at_are_the_mirrors()
        => Assert.Equal(
            ["CacheFilesMsg", "CacheFilesOpen", "CacheFilesRead", "CacheFilesUapi", "DevicePollResult", "Errno", "Libc", "PeerCredentials"],
            s_mirrors.Select(type => type.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_struct_that_is_not_in_the_table_is_found_with_its_fields()
        => Assert.Equal(["Unknown", "Unknown.Value"], Completeness.Missing([typeof(Unknown)]));

    [Fact]
    public void A_field_that_is_not_in_the_table_is_found()
        => Assert.Equal(["CacheFilesMsg.Added"], Completeness.Missing([typeof(Grown.CacheFilesMsg)]));

    [Fact]
    public void A_constant_that_is_not_in_the_table_is_found()
        => Assert.Equal(["CacheFilesUapi.CACHEFILES_OP_ADDED"], Completeness.Missing([typeof(Grown.CacheFilesUapi)]));

    [Fact]
    public void A_constant_of_libc_that_is_not_in_the_table_is_found()
        => Assert.Equal(["Libc.O_ADDED"], Completeness.Missing([typeof(Grown.Libc)]));

    [Fact]
    public void An_error_number_that_is_not_in_the_table_is_found()
        => Assert.Equal(["Errno.EADDED"], Completeness.Missing([typeof(Grown.Errno)]));

    [Fact]
    public void An_entry_of_the_table_that_is_gone_is_found()
        => Assert.Contains("CacheFilesMsg.ObjectId", Completeness.Stale([.. s_mirrors.Where(type => type != typeof(CacheFilesMsg)), typeof(Shrunk.CacheFilesMsg)]));

    private readonly struct Unknown
    {
        public readonly int Value = 1;

        public Unknown()
        {
        }
    }

    private static class Grown
    {
        internal enum Errno
        {
            None = 0,
            EPERM = 1,
            EADDED = 4711,
        }

        internal readonly struct CacheFilesMsg
        {
            public readonly uint MsgId = 1;
            public readonly uint Added = 1;

            public CacheFilesMsg()
            {
            }
        }

        internal static class CacheFilesUapi
        {
            internal const int CACHEFILES_MSG_MAX_SIZE = 1024;
            internal const int CACHEFILES_OP_ADDED = 3;
        }

        internal static class Libc
        {
            internal const string Name = "libc";
            internal const int O_ADDED = 4;
        }
    }

    private static class Shrunk
    {
        internal readonly struct CacheFilesMsg
        {
            public readonly uint MsgId = 1;

            public CacheFilesMsg()
            {
            }
        }
    }
}
