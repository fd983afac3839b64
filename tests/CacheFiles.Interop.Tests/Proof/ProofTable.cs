namespace CacheFiles.Interop.Tests.Proof;

/// <summary>What in CacheFiles.Interop mirrors what in C. The proofs go through this table; <see cref="Completeness"/> sees to it that it has everything.</summary>
internal static class ProofTable
{
    public static IReadOnlyList<string> Headers { get; } =
        ["dirent.h", "errno.h", "fcntl.h", "linux/cachefiles.h", "sched.h", "sys/epoll.h", "sys/eventfd.h", "sys/mount.h", "sys/socket.h", "sys/stat.h", "sys/syscall.h", "unistd.h"];

    /// <summary>The C struct of each struct, and the member of each field.</summary>
    public static IReadOnlyDictionary<string, (string CName, IReadOnlyDictionary<string, string> Members)> Structs { get; } =
        new Dictionary<string, (string, IReadOnlyDictionary<string, string>)>
        {
            ["CacheFilesMsg"] = ("struct cachefiles_msg", new Dictionary<string, string>
            {
                ["MsgId"] = "msg_id",
                ["Opcode"] = "opcode",
                ["Len"] = "len",
                ["ObjectId"] = "object_id",
            }),
            ["CacheFilesOpen"] = ("struct cachefiles_open", new Dictionary<string, string>
            {
                ["VolumeKeySize"] = "volume_key_size",
                ["CookieKeySize"] = "cookie_key_size",
                ["Fd"] = "fd",
                ["Flags"] = "flags",
            }),
            ["CacheFilesRead"] = ("struct cachefiles_read", new Dictionary<string, string>
            {
                ["Off"] = "off",
                ["Len"] = "len",
            }),
            ["PeerCredentials"] = ("struct ucred", new Dictionary<string, string>
            {
                ["Pid"] = "pid",
                ["Uid"] = "uid",
                ["Gid"] = "gid",
            }),
        };

    /// <summary>The constants of each class or enum that has them. Their names are the C names.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Constants { get; } =
        new Dictionary<string, IReadOnlyList<string>>
        {
            ["CacheFilesUapi"] =
            [
                "CACHEFILES_MSG_MAX_SIZE", "CACHEFILES_OP_OPEN", "CACHEFILES_OP_CLOSE", "CACHEFILES_OP_READ", "CACHEFILES_IOC_READ_COMPLETE",
            ],
            ["Libc"] =
            [
                "O_RDWR", "O_CLOEXEC", "F_GETFD", "F_SETFD", "F_DUPFD_CLOEXEC", "FD_CLOEXEC", "SEEK_END", "SEEK_DATA", "SEEK_HOLE", "EFD_CLOEXEC", "EFD_NONBLOCK",
                "EPOLL_CLOEXEC", "EPOLL_CTL_ADD", "EPOLL_CTL_MOD", "EPOLLIN", "EPOLLOUT", "EPOLLERR", "EPOLLHUP", "EPOLLET", "CLONE_FS", "MS_RDONLY",
                "SYS_fsopen", "SYS_fsconfig", "FSOPEN_CLOEXEC", "FSCONFIG_SET_STRING", "FSCONFIG_CMD_CREATE",
                "SOL_SOCKET", "SO_PEERCRED", "SCM_RIGHTS", "MSG_DONTWAIT", "MSG_NOSIGNAL", "MSG_CMSG_CLOEXEC",
                "AT_FDCWD", "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH", "STATX_TYPE", "STATX_BASIC_STATS", "UTIME_NOW", "UTIME_OMIT",
                "S_IFMT", "S_IFCHR", "S_IFDIR", "S_IFREG",
            ],
            ["Errno"] =
            [
                "EPERM", "ENOENT", "EINTR", "EIO", "ENXIO", "EBADF", "EAGAIN", "ENOMEM", "EACCES", "EBUSY", "EEXIST", "ENODEV", "ENOTDIR",
                "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ENOSPC", "ESPIPE", "EROFS", "EPIPE", "ERANGE", "ENAMETOOLONG", "ENODATA", "EBADFD",
                "ENOTSOCK", "EMSGSIZE", "EOPNOTSUPP", "ECONNRESET", "ENOBUFS", "ETIMEDOUT", "ECONNREFUSED", "ESTALE", "ECANCELED",
            ],
        };

    /// <summary>What stands among the mirrors and mirrors nothing.</summary>
    public static IReadOnlySet<string> Own { get; } = new HashSet<string>
    {
        "DevicePollResult",
        "Errno.None",
        "Libc.Name",
    };
}
