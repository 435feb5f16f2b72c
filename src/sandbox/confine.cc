#include "sandbox/confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <vector>

namespace steno::sandbox {
namespace {

constexpr int kSlowness = kIsSanitized ? 10 : 1;
/// Limit of all grants together, in seconds.
constexpr rlim_t kMostProcessorTime = 3600;

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "sandbox: no list of system calls for this processor"
#endif

/// A system call that is allowed if `argument & mask` has the value. A mask of 0: always.
struct Rule {
  long call = 0;
  int argument = 0;
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
};

/// Memory, time, the open channel, and the own end. The most frequent calls come first.
std::vector<Rule> rules() {
  const auto self = static_cast<std::uint32_t>(getpid());
  std::vector<Rule> rules = {
      {SYS_read},
      {SYS_sendmsg},
      {SYS_futex},
      {SYS_brk},
      {SYS_munmap},
      {SYS_mremap},
      {SYS_madvise},
      {SYS_prlimit64, 0, ~0U, 0},  // its own limits, up to the hard ones
      {SYS_getrusage},
      {SYS_clock_gettime},
      {SYS_gettimeofday},
      {SYS_getrandom},
      {SYS_getpid},
      {SYS_gettid},
      {SYS_sched_yield},
      {SYS_rt_sigreturn},
      {SYS_rt_sigprocmask},
      {SYS_restart_syscall},
      {SYS_tgkill, 0, ~0U, self},  // abort()
      {SYS_exit},
      {SYS_exit_group},
  };
  const std::uint32_t executable = kIsSanitized ? 0 : PROT_EXEC;
  rules.push_back({SYS_mmap, 2, executable, 0});
  rules.push_back({SYS_mprotect, 2, executable, 0});
  if (kIsSanitized) {  // reports, and the stacks of signal handlers
    for (const long call : {SYS_write, SYS_close, SYS_sigaltstack, SYS_rt_sigaction,
                            SYS_sched_getaffinity, SYS_mincore, SYS_clock_nanosleep}) {
      rules.push_back({call});
    }
  }
  return rules;
}

/// All other calls fail with EPERM: libraries that try to read a file go on without it.
bool forbid_system_calls() {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  for (const Rule& rule : rules()) {
    const auto number = static_cast<std::uint32_t>(rule.call);
    if (rule.mask == 0) {
      program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
      program.push_back(allow);
      continue;
    }
    // The lower half of the argument, on machines that store it first.
    const auto at = static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                               sizeof(std::uint64_t) * rule.argument);
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 5));
    program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));
    program.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.mask));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule.value, 0, 1));
    program.push_back(allow);
    program.push_back(refuse);
  }
  program.push_back(refuse);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// Rights of Landlock that this process gives up: all that the kernel knows. Later kernels have
/// more fields; headers of Debian 12 have only the first one.
struct Rights {
  std::uint64_t files = 0;
  std::uint64_t tcp = 0;
  std::uint64_t scope = 0;  ///< abstract sockets and signals of other processes
};

bool forbid_files() {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  constexpr std::array<std::uint64_t, 6> kFileRights = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
  Rights rights;
  rights.files = kFileRights[static_cast<std::size_t>(std::min(version, 5L))];
  std::size_t size = sizeof rights.files;
  if (version >= 4) {
    rights.tcp = 3;
    size = offsetof(Rights, scope);
  }
  if (version >= 6) {
    rights.scope = 3;
    size = sizeof rights;
  }
  const auto rules = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rights, size, 0));
  if (rules < 0) return false;
  const bool is_done = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(rules);
  return is_done;
}

void limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  const rlimit value{soft, hard};
  setrlimit(resource, &value);
}

}  // namespace

Protection confine(const Limits& limits) {
  Protection protection;
  prctl(PR_SET_DUMPABLE, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return protection;
  protection.files = forbid_files();
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 0, 0);
  limit(RLIMIT_NPROC, 0, 0);
  limit(RLIMIT_NOFILE, 0, 0);
  if (!kIsSanitized) {
    const rlim_t space = limits.base_bytes + limits.memory_bytes;
    limit(RLIMIT_AS, space, space);
  }
  limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_seconds) * kSlowness, kMostProcessorTime);
  protection.system_calls = forbid_system_calls();
  return protection;
}

void grant_processor_time(int seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto until = used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + seconds * kSlowness;
  limit(RLIMIT_CPU, std::min(static_cast<rlim_t>(until), kMostProcessorTime), kMostProcessorTime);
}

}  // namespace steno::sandbox
