#include "engine/pod/pod_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

// Fresh files on tmpfs that nobody reads yet: no rename is needed.
Result<> WriteNew(const std::string& path, std::string_view text) {
  TRY_ASSIGN(UniqueFd fd, Open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644));
  TRY(WriteAll(fd.get(), text).Wrap(path));
  if (fchmod(fd.get(), 0644) != 0) return SysError("fchmod " + path);  // whatever the umask
  return Ok();
}

}  // namespace

std::string HostsText(const std::string& hostname, const std::vector<std::string>& ips,
                      const std::vector<std::string>& extra_hosts) {
  std::string text =
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  for (const std::string& ip : ips) text += ip + "\t" + hostname + "\n";
  for (const std::string& entry : extra_hosts) {
    size_t colon = entry.find(':');
    text += entry.substr(colon + 1) + "\t" + entry.substr(0, colon) + "\n";
  }
  return text;
}

std::string ResolvText(const DnsConfig& dns) {
  std::string text;
  if (!dns.searches.empty()) text += "search " + Join(dns.searches, " ") + "\n";
  for (const std::string& server : dns.servers) text += "nameserver " + server + "\n";
  if (!dns.options.empty()) text += "options " + Join(dns.options, " ") + "\n";
  return text;
}

Result<> WritePodFiles(const std::string& dir, const PodConfig& config, const PodFiles& files) {
  std::string resolv;
  if (config.dns) {
    resolv = ResolvText(*config.dns);
  } else if (!files.network_dns.empty()) {
    resolv = ResolvText({files.network_dns, {}, {}});
  } else {
    resolv = ReadFile("/etc/resolv.conf", 1 << 20).value_or("");  // a node may have none
  }
  TRY(WriteNew(dir + "/resolv.conf", resolv));
  TRY(WriteNew(dir + "/hostname", files.hostname + "\n"));
  std::string hosts = HostsText(files.hostname, files.ips, config.extra_hosts);
  if (config.namespaces.network == NamespaceMode::kNode && config.extra_hosts.empty()) {
    hosts = ReadFile("/etc/hosts", 1 << 20).value_or(hosts);
  }
  return WriteNew(dir + "/hosts", hosts);
}

Result<> MountShm(const std::string& path, const PodConfig& config) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return SysError("mkdir " + path);
  std::string options = "mode=1777,size=" + std::to_string(config.shm_size_bytes);
  if (config.namespaces.user && config.namespaces.user->mode == NamespaceMode::kPod) {
    options += ",uid=" + std::to_string(config.namespaces.user->uids[0].host_id) +
               ",gid=" + std::to_string(config.namespaces.user->gids[0].host_id);
  }
  if (mount("shm", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) != 0) {
    return SysError("mount(tmpfs, " + path + ")");
  }
  return Ok();
}

Result<> DetachMount(const std::string& path) {
  if (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return Ok();
  if (errno == EINVAL || errno == ENOENT) return Ok();  // not mounted, not there
  return SysError("umount " + path);
}

}  // namespace onggi
