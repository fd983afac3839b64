# shellcheck shell=bash disable=SC2154,SC2054
# Sourced by run: makes this run's own directory with its disks and builds QEMU's arguments in `qemu`.

work=$(mktemp -d "$CACHE/run-XXXXXXXX")
trap 'rm -rf "$work"' EXIT
# The directory of a run that was killed is nobody's: its lock is free.
exec {hold}>"$work/lock"
flock "$hold"
find "$CACHE" -maxdepth 1 -name 'run-*' -mmin +2 -exec test -e {}/lock \; -exec flock -n {}/lock rm -rf {} \;

parameters="console=ttyS0 loglevel=5 panic=-1 random.trust_cpu=on net.ifnames=0"
qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -M q35 -smp 2 -m "$memory"
    -kernel "$kernel/vmlinuz" -initrd "$work/initrd"
    -chardev "file,id=console,path=$work/console" -device isa-serial,chardev=console
    -device virtio-serial-pci)
if ((icount)); then accel=icount; fi
case $accel in
    # Where all processors wait for something, the clock is set forward to it. This QEMU computes wrong flags for cmpxchg16b unless its
    # processors run in threads of their own, and the kernel goes on with them: it is told that there is no such instruction (feature 141).
    icount) qemu+=(-accel tcg,thread=single -cpu max,-erms,-fsrm -icount shift=0,sleep=off)
        parameters+=" mitigations=off clearcpuid=141 tsc=reliable tsc_early_khz=1000000" ;;
    kvm) qemu+=(-accel kvm -cpu host) ;;
    # Emulated, a copy of bytes by one instruction is slower than by many, and there is nobody to keep a secret from. While the
    # kernel changes its own code, as it does at its start, QEMU's threads may keep an old form of it, and what one of them then
    # executes is the breakpoint of the middle of the change: a second processor comes when that is over.
    *) qemu+=(-accel tcg,thread=multi -cpu max,-erms,-fsrm)
        parameters+=" mitigations=off maxcpus=1 noreplace-smp $clock" ;;
esac
qemu+=(-append "$parameters")

# add_disk NAME FILE [OPTION]: the guest finds it by its name.
add_disk() {
    qemu+=(-drive "if=none,id=$1,format=raw,cache=unsafe,file=$2${3:+,$3}" -device "virtio-blk-pci,drive=$1,serial=$1")
}
add_port() {
    qemu+=(-chardev "file,id=$1,path=$work/$1" -device "virtserialport,chardev=$1,name=$1")
}

mkfifo "$work"/{out,err,status}
add_port out
add_port err
add_port status
add_disk root "$root" snapshot=on
add_disk modules "$kernel/modules.img" readonly=on
add_disk dotnet "$dotnet" readonly=on
add_disk samples "$samples" readonly=on
if [[ ! -s $disk ]]; then image "${disk:=$work/cache.img}" 8G; fi
add_disk cache "$disk"

# What this run brings along travels in the initial root.
bag=$work/bag/vm
mkdir -p "$bag"
cp "$VM"/guest/{job,vm-job.service,vm-start.service} "$bag/"
printf '%s\0' "${command[@]}" >"$bag/command"
: >"$bag/adds"
: >"$bag/gets"
cat >"$bag/settings" <<END
limit=$timeout
systemd=$systemd
export CACHEFILES_GUEST=1 CACHEFILES_KERNEL=$series
export DOTNET_ROOT=/usr/share/dotnet DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
END

# stage_add NUMBER HOSTPATH GUESTPATH: an image with room to write, filled straight from the original.
stage_add() {
    local name=add$1 source=$2 kind='directory' bytes
    bytes=$(du -sL --block-size=1 --apparent-size "$source" | cut -f1)
    if [[ -f $source ]]; then
        kind='file'
        mkdir "$work/$name"
        ln -L "$source" "$work/$name/file" 2>/dev/null || cp -p --reflink=auto "$source" "$work/$name/file"
        source=$work/$name
    fi
    image "$work/$name.img" "$((bytes * 5 / 4 / 1048576 + 1024))M" "$source"
    add_disk "$name" "$work/$name.img"
    printf '%s\n' "$name" "$kind" "$3" >>"$bag/adds"
}
for ((i = 0; i < ${#adds[@]}; i += 2)); do stage_add "$i" "${adds[i]}" "${adds[i + 1]}"; done

for ((i = 0; i < ${#gets[@]}; i += 2)); do
    truncate -s 256G "$work/get$i.img"
    add_disk "get$i" "$work/get$i.img"
    printf '%s\0' "get$i" "${gets[i]}" >>"$bag/gets"
done

# In a shell of its own: the caller's directory is what the paths of --get are relative to.
(cat "$initrd" && cd "$work/bag" && find . -mindepth 1 -print0 | cpio --quiet -0 -o -H newc -R 0:0) >"$work/initrd"
