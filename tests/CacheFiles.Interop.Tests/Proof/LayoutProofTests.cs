using System.Reflection;
using System.Runtime.InteropServices;
using CacheFiles.Interop.Internal;

namespace CacheFiles.Interop.Tests.Proof;

public sealed class LayoutProofTests
{
    [Theory]
    [InlineData(typeof(CacheFilesMsg))]
    [InlineData(typeof(CacheFilesOpen))]
    [InlineData(typeof(CacheFilesRead))]
    [InlineData(typeof(PeerCredentials))]
    public void A_struct_has_the_size_and_the_places_of_its_C_struct(Type type)
    {
        var (name, members) = ProofTable.Structs[type.Name];
        List<(string, long)> claims = [($"sizeof({name})", ManagedLayout.SizeOf(type))];
        foreach (FieldInfo field in Completeness.FieldsOf(type))
        {
            var (offset, size) = ManagedLayout.PlaceOf(field);
            claims.Add(($"offsetof({name}, {members[field.Name]})", offset));
            claims.Add(($"sizeof((({name} *)0)->{members[field.Name]})", size));
        }
        CValues.Match(claims);
    }

    [Fact]
    public void Every_struct_of_the_table_is_proved()
        => Assert.Equal(
            ProofTable.Structs.Keys.Order(),
            typeof(LayoutProofTests).GetMethod(nameof(A_struct_has_the_size_and_the_places_of_its_C_struct))!
                .GetCustomAttributes<InlineDataAttribute>().Select(row => ((Type)row.Data[0]!).Name).Order());

    [Fact]
    public void Data_begins_where_the_struct_ends()
        => CValues.Match(
        [
            ("offsetof(struct cachefiles_msg, data)", ManagedLayout.SizeOf(typeof(CacheFilesMsg))),
            ("offsetof(struct cachefiles_open, data)", ManagedLayout.SizeOf(typeof(CacheFilesOpen))),
        ]);

    [Fact]
    public void Marshalling_keeps_the_layout()
        => Assert.All(
            new[] { typeof(CacheFilesMsg), typeof(CacheFilesOpen), typeof(CacheFilesRead) },
            type => Assert.All(
                Completeness.FieldsOf(type),
                field => Assert.Equal(ManagedLayout.PlaceOf(field).Offset, (int)Marshal.OffsetOf(type, field.Name))));

    [Fact]
    public void An_epoll_event_has_its_data_where_the_poller_looks_for_it()
    {
        var offset = typeof(DevicePoller).GetField("s_dataOffset", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null);
        CValues.Match(
        [
            ("offsetof(struct epoll_event, events)", 0),
            ("sizeof(((struct epoll_event *)0)->events)", sizeof(uint)),
            ("offsetof(struct epoll_event, data)", (int)offset!),
            ("sizeof(struct epoll_event)", (int)offset! + sizeof(ulong)),
        ]);
    }

    [Theory]
    [InlineData(typeof(MsgHdr), "struct msghdr", "msg_name msg_namelen msg_iov msg_iovlen msg_control msg_controllen msg_flags")]
    [InlineData(typeof(IoVec), "struct iovec", "iov_base iov_len")]
    [InlineData(typeof(CMsgHdr), "struct cmsghdr", "cmsg_len cmsg_level cmsg_type")]
    public void What_a_socket_takes_has_the_places_of_its_C_struct(Type type, string name, string members)
    {
        FieldInfo[] fields = Completeness.FieldsOf(type);
        List<(string, long)> claims = [($"sizeof({name})", ManagedLayout.SizeOf(type))];
        foreach ((FieldInfo field, var member) in fields.Zip(members.Split(' '), (field, member) => (field, member)))
        {
            var (offset, size) = ManagedLayout.PlaceOf(field);
            claims.Add(($"offsetof({name}, {member})", offset));
            claims.Add(($"sizeof((({name} *)0)->{member})", size));
        }
        Assert.Equal(members.Split(' ').Length, fields.Length);
        CValues.Match(claims);
    }

    [Fact]
    public void What_statx_gives_is_where_it_is_looked_for()
        => CValues.Match(
        [
            ("sizeof(struct statx)", StatX.Size),
            ("offsetof(struct statx, stx_mode)", StatX.ModeOffset),
            ("offsetof(struct statx, stx_blocks)", StatX.BlocksOffset),
            ("offsetof(struct statx, stx_atime)", StatX.AccessTimeOffset),
            ("offsetof(struct statx, stx_ctime)", StatX.ChangeTimeOffset),
            ("offsetof(struct statx_timestamp, tv_nsec)", 8),
            ("offsetof(struct statx, stx_rdev_major)", StatX.MajorOffset),
            ("offsetof(struct statx, stx_rdev_minor)", StatX.MinorOffset),
        ]);

    [Fact]
    public void A_name_in_a_directory_is_where_it_is_looked_for() => CValues.Match([("offsetof(struct dirent64, d_name)", DirEnt.NameOffset)]);

    [Fact]
    public void A_place_that_differs_from_C_is_told()
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => CValues.Match([("offsetof(struct cachefiles_msg, opcode)", 8)]));
        Assert.Contains("offsetof(struct cachefiles_msg, opcode) is 4 in C and 8 here", failure.Message, StringComparison.Ordinal);
    }
}
